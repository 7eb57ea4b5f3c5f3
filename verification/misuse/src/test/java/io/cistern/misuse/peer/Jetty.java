package io.cistern.misuse.peer;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Direct buffers of Jetty's pool; they come in flush mode and are opened to their whole capacity.
 */
final class Jetty implements Peer {
  private final ArrayByteBufferPool pool = new ArrayByteBufferPool();

  @Override
  public Buffer allocate(int size) {
    RetainableByteBuffer buffer = pool.acquire(size, true);
    buffer.getByteBuffer().clear();
    return new Retained(buffer);
  }

  private record Retained(RetainableByteBuffer buffer) implements Buffer {
    @Override
    public void write(int at, byte value) {
      buffer.getByteBuffer().put(at, value);
    }

    @Override
    public byte read(int at) {
      return buffer.getByteBuffer().get(at);
    }

    @Override
    public ByteBuffer nio() {
      return buffer.getByteBuffer();
    }

    @Override
    public long address() {
      return MemorySegment.ofBuffer(buffer.getByteBuffer()).address();
    }

    @Override
    public void free() {
      buffer.release();
    }
  }
}
