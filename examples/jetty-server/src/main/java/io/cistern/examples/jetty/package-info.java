/** A Jetty server whose buffers come from a bounded pool. */
@NullMarked
package io.cistern.examples.jetty;

import org.jspecify.annotations.NullMarked;
