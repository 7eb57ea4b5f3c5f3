package io.cistern.misuse.peer;

import java.nio.ByteBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;

/** Buffers of Arrow's root allocator, over Unsafe. */
final class Arrow implements Peer {
  private final RootAllocator allocator = new RootAllocator();

  @Override
  public Buffer allocate(int size) {
    return new Bytes(allocator.buffer(size));
  }

  @Override
  public void close() {
    allocator.close();
  }

  private record Bytes(ArrowBuf bytes) implements Buffer {
    @Override
    public void write(int at, byte value) {
      bytes.setByte(at, value);
    }

    @Override
    public byte read(int at) {
      return bytes.getByte(at);
    }

    @Override
    public ByteBuffer nio() {
      return bytes.nioBuffer(0, (int) bytes.capacity());
    }

    @Override
    public Buffer slice(int at, int size) {
      return new Bytes(bytes.slice(at, size));
    }

    @Override
    public long address() {
      return bytes.memoryAddress();
    }

    @Override
    public void free() {
      bytes.close();
    }
  }
}
