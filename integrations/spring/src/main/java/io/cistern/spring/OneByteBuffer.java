package io.cistern.spring;

import java.nio.ByteBuffer;
import java.util.NoSuchElementException;
import org.springframework.core.io.buffer.DataBuffer;

/**
 * An iterator over the one byte buffer that a data buffer of ours consists of. Until it is closed,
 * memory that the data buffer grows out of is kept.
 */
final class OneByteBuffer implements DataBuffer.ByteBufferIterator {
  private final Memory memory;
  private final ByteBuffer buffer;
  private boolean given;
  private boolean closed;

  /** A view that was lent by this memory, and that {@link #close} gives back. */
  OneByteBuffer(Memory memory, ByteBuffer view) {
    this.memory = memory;
    this.buffer = view;
  }

  @Override
  public boolean hasNext() {
    return !given;
  }

  @Override
  public ByteBuffer next() {
    if (given) {
      throw new NoSuchElementException("a data buffer has one byte buffer");
    }
    given = true;
    return buffer;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      memory.takeBack();
    }
  }
}
