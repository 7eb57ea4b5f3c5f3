/** An HTTP server on Netty whose buffers live in a pool. */
@NullMarked
package io.cistern.examples.nettyhttp;

import org.jspecify.annotations.NullMarked;
