/**
 * Netty's buffers on pools: start at {@link io.cistern.netty.CisternByteBufAllocator}, the one
 * public type.
 */
@NullMarked
package io.cistern.netty;

import org.jspecify.annotations.NullMarked;
