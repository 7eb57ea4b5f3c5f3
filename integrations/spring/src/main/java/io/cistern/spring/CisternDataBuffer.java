package io.cistern.spring;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.PooledDataBuffer;
import org.springframework.util.Assert;

/**
 * A window on {@link Memory} with a place to read from and one to write to:
 *
 * <pre>
 * 0 &lt;= readPosition &lt;= writePosition &lt;= capacity
 * window is a slice of the memory's bytes, and window.capacity() = capacity
 * </pre>
 *
 * The window is used by absolute index alone, so its own position never moves. Slices are windows
 * of the same {@link References}; {@linkplain #split what is split off} has references of its own,
 * and a part of the memory. Each access to bytes looks first whether the buffer is still live.
 */
final class CisternDataBuffer implements PooledDataBuffer {
  private final CisternDataBufferFactory factory;
  private final References references;
  private final boolean slice;
  private ByteBuffer window;
  private int readPosition;
  private int writePosition;

  /** All of the memory, empty. */
  CisternDataBuffer(CisternDataBufferFactory factory, References references) {
    this(factory, references, references.memory().bytes(), false);
  }

  private CisternDataBuffer(
      CisternDataBufferFactory factory, References references, ByteBuffer window, boolean slice) {
    this.factory = factory;
    this.references = references;
    this.window = window;
    this.slice = slice;
  }

  private ByteBuffer live() {
    references.check();
    return window;
  }

  @Override
  public DataBufferFactory factory() {
    return factory;
  }

  // --- references -----------------------------------------------------------------------------

  @Override
  public boolean isAllocated() {
    return references.isLive();
  }

  @Override
  public PooledDataBuffer retain() {
    references.retain();
    return this;
  }

  @Override
  public PooledDataBuffer touch(Object hint) {
    references.touch(hint);
    return this;
  }

  @Override
  public boolean release() {
    return references.release();
  }

  // --- positions ------------------------------------------------------------------------------

  @Override
  public int readableByteCount() {
    return writePosition - readPosition;
  }

  @Override
  public int writableByteCount() {
    return capacity() - writePosition;
  }

  @Override
  public int capacity() {
    return window.capacity();
  }

  @Override
  public int readPosition() {
    return readPosition;
  }

  @Override
  public CisternDataBuffer readPosition(int position) {
    checkFromTo("readPosition", position, 0, writePosition);
    readPosition = position;
    return this;
  }

  @Override
  public int writePosition() {
    return writePosition;
  }

  @Override
  public CisternDataBuffer writePosition(int position) {
    checkFromTo("writePosition", position, readPosition, capacity());
    writePosition = position;
    return this;
  }

  private static void checkFromTo(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IndexOutOfBoundsException(
          "%s %d: must be from %d to %d".formatted(what, value, min, max));
    }
  }

  private void checkRange(int index, int length) {
    checkFromTo("index", index, 0, capacity());
    checkFromTo("length", length, 0, capacity() - index);
  }

  // --- capacity -------------------------------------------------------------------------------

  @Override
  @Deprecated
  public CisternDataBuffer capacity(int newCapacity) {
    if (slice) {
      throw new UnsupportedOperationException(
          "capacity %d: a slice keeps its %d B".formatted(newCapacity, capacity()));
    }
    if (newCapacity < 0) {
      throw new IllegalArgumentException("capacity %d: must be 0 or more".formatted(newCapacity));
    }
    if (newCapacity > capacity()) {
      grow(newCapacity);
    } else {
      window = live().slice(0, newCapacity);
      writePosition = Math.min(writePosition, newCapacity);
      readPosition = Math.min(readPosition, newCapacity);
    }
    return this;
  }

  @Override
  public CisternDataBuffer ensureWritable(int length) {
    ByteBuffer now = live();
    if (length > now.capacity() - writePosition) {
      int needed = Math.addExact(writePosition, length);
      grow(Capacities.next(needed, factory.pool().maxSize()));
    }
    return this;
  }

  /** First where the block lies; then into other memory, which the bytes are copied to. */
  private void grow(int capacity) {
    ByteBuffer now = live();
    if (slice) {
      throw new UnsupportedOperationException(
          "%d B are to be written where %d are left: a slice does not grow"
              .formatted(capacity - writePosition, writableByteCount()));
    }
    Memory memory = references.memory();
    boolean whole = now.capacity() == memory.bytes().capacity();
    window =
        whole && capacity <= factory.pool().maxSize() && memory.grow(capacity)
            ? memory.bytes()
            : moved(now, capacity);
  }

  private ByteBuffer moved(ByteBuffer now, int capacity) {
    Memory other = factory.memory(capacity);
    other.bytes().put(0, now, 0, writePosition);
    references.moveTo(other);
    return other.bytes();
  }

  // --- bytes ----------------------------------------------------------------------------------

  @Override
  public int indexOf(IntPredicate predicate, int fromIndex) {
    Assert.notNull(predicate, "IntPredicate must not be null");
    ByteBuffer bytes = live();
    for (int i = Math.max(fromIndex, 0); i < writePosition; i++) {
      if (predicate.test(bytes.get(i))) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public int lastIndexOf(IntPredicate predicate, int fromIndex) {
    Assert.notNull(predicate, "IntPredicate must not be null");
    ByteBuffer bytes = live();
    for (int i = Math.min(fromIndex, writePosition - 1); i >= 0; i--) {
      if (predicate.test(bytes.get(i))) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public byte getByte(int index) {
    checkFromTo("index", index, 0, writePosition - 1);
    return live().get(index);
  }

  @Override
  public byte read() {
    checkFromTo("readPosition", readPosition, 0, writePosition - 1);
    byte value = live().get(readPosition);
    readPosition++;
    return value;
  }

  @Override
  public CisternDataBuffer read(byte[] destination) {
    Assert.notNull(destination, "Byte array must not be null");
    return read(destination, 0, destination.length);
  }

  @Override
  public CisternDataBuffer read(byte[] destination, int offset, int length) {
    Assert.notNull(destination, "Byte array must not be null");
    checkFromTo("length", length, 0, readableByteCount());
    live().get(readPosition, destination, offset, length);
    readPosition += length;
    return this;
  }

  @Override
  public CisternDataBuffer write(byte b) {
    ensureWritable(1);
    window.put(writePosition, b);
    writePosition++;
    return this;
  }

  @Override
  public CisternDataBuffer write(byte[] source) {
    Assert.notNull(source, "Byte array must not be null");
    return write(source, 0, source.length);
  }

  @Override
  public CisternDataBuffer write(byte[] source, int offset, int length) {
    Assert.notNull(source, "Byte array must not be null");
    ensureWritable(length);
    window.put(writePosition, source, offset, length);
    writePosition += length;
    return this;
  }

  @Override
  public CisternDataBuffer write(DataBuffer @Nullable ... buffers) {
    if (buffers != null) {
      long bytes = 0;
      for (DataBuffer buffer : buffers) {
        bytes += buffer.readableByteCount();
      }
      ensureWritable(Math.toIntExact(bytes));
      for (DataBuffer buffer : buffers) {
        int length = buffer.readableByteCount();
        buffer.toByteBuffer(buffer.readPosition(), window, writePosition, length);
        writePosition += length;
      }
    }
    return this;
  }

  @Override
  public CisternDataBuffer write(ByteBuffer @Nullable ... buffers) {
    if (buffers != null) {
      long bytes = 0;
      for (ByteBuffer buffer : buffers) {
        bytes += buffer.remaining();
      }
      ensureWritable(Math.toIntExact(bytes));
      for (ByteBuffer buffer : buffers) {
        int length = buffer.remaining();
        window.put(writePosition, buffer, buffer.position(), length);
        buffer.position(buffer.limit());
        writePosition += length;
      }
    }
    return this;
  }

  // --- other windows --------------------------------------------------------------------------

  @Override
  @Deprecated
  public CisternDataBuffer slice(int index, int length) {
    ByteBuffer part = view(index, length);
    return new CisternDataBuffer(factory, references, part, true).writePosition(length);
  }

  @Override
  public CisternDataBuffer split(int index) {
    checkFromTo("index", index, 0, capacity());
    ByteBuffer all = live();
    CisternDataBuffer head =
        new CisternDataBuffer(factory, references.part(), all.slice(0, index), false);
    head.writePosition = Math.min(writePosition, index);
    head.readPosition = Math.min(readPosition, index);
    window = all.slice(index, all.capacity() - index);
    writePosition = Math.max(writePosition, index) - index;
    readPosition = Math.max(readPosition, index) - index;
    return head;
  }

  /** Part of the window, for somebody who may keep it while the buffer grows. */
  private ByteBuffer view(int index, int length) {
    checkRange(index, length);
    ByteBuffer part = live().slice(index, length);
    references.memory().lend();
    return part;
  }

  @Override
  @Deprecated
  public ByteBuffer asByteBuffer() {
    return view(readPosition, readableByteCount());
  }

  @Override
  @Deprecated
  public ByteBuffer asByteBuffer(int index, int length) {
    return view(index, length);
  }

  @Override
  @Deprecated
  public ByteBuffer toByteBuffer(int index, int length) {
    checkRange(index, length);
    ByteBuffer copy = ByteBuffer.allocate(length);
    return copy.put(0, live(), index, length);
  }

  @Override
  public void toByteBuffer(int srcPos, ByteBuffer dest, int destPos, int length) {
    Assert.notNull(dest, "Dest must not be null");
    checkRange(srcPos, length);
    dest.duplicate().clear().put(destPos, live(), srcPos, length);
  }

  @Override
  public ByteBufferIterator readableByteBuffers() {
    return new OneByteBuffer(
        references.memory(), view(readPosition, readableByteCount()).asReadOnlyBuffer());
  }

  @Override
  public ByteBufferIterator writableByteBuffers() {
    return new OneByteBuffer(references.memory(), view(writePosition, writableByteCount()));
  }

  // --- text -----------------------------------------------------------------------------------

  @Override
  public String toString(int index, int length, Charset charset) {
    Assert.notNull(charset, "Charset must not be null");
    checkRange(index, length);
    byte[] bytes = new byte[length];
    live().get(index, bytes);
    return new String(bytes, charset);
  }

  /** Equal are buffers with equal positions and bytes, and each to itself once it is released. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CisternDataBuffer that
            && readPosition == that.readPosition
            && writePosition == that.writePosition
            && isAllocated()
            && that.isAllocated()
            && window.equals(that.window));
  }

  /** Of the positions alone: bytes may change, and must not be looked at once released. */
  @Override
  public int hashCode() {
    return Objects.hash(readPosition, writePosition);
  }

  @Override
  public String toString() {
    return "CisternDataBuffer (r: %d, w: %d, c: %d%s)"
        .formatted(readPosition, writePosition, capacity(), isAllocated() ? "" : ", released");
  }
}
