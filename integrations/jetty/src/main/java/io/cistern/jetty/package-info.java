/**
 * A {@link org.eclipse.jetty.io.ByteBufferPool} over a {@link io.cistern.MemoryPool}: the memory of
 * a Jetty server or client is bounded, seen, and safe from buffers that are released too often.
 */
@NullMarked
package io.cistern.jetty;

import org.jspecify.annotations.NullMarked;
