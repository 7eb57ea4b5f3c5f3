package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * One allocation: a block of a pool and the bytes of it that were asked for. Freed by {@link
 * #close()}, by any thread.
 *
 * <p>A {@code MemoryBlock} names its allocation exactly and for ever: once freed it never becomes
 * valid again, and neither closing it twice nor closing it late can touch the block's next owner.
 * Segments and buffers taken from it are views of the block's memory: they must not be used after
 * the block is freed, which at check level STANDARD is not detected at the use.
 *
 * <p>32 bytes on the Java heap, and none where the JIT sees that the object does not escape: so in
 * pools of tiers; the longer way of a pool of variable size is not inlined.
 */
public final class MemoryBlock implements AutoCloseable {
  private final BlockSource source;
  private final int index;
  private final int size;
  private final long word;

  MemoryBlock(BlockSource source, int index, int size, long word) {
    this.source = source;
    this.index = index;
    this.size = size;
    this.word = word;
  }

  /** The same allocation, to be freed through another source. */
  MemoryBlock from(BlockSource other) {
    return new MemoryBlock(other, index, size, word);
  }

  /** Zeroes what was asked for; the caller has just allocated it. */
  void zero() {
    source.zero(index, size, BlockSource.NOT_INLINED);
  }

  /**
   * The block's memory. Each call makes a new segment: keep it in a local variable.
   *
   * @return a segment exactly as long as what was asked for, so that an access one byte beyond
   *     throws
   * @throws IllegalStateException when the block was freed
   */
  public MemorySegment segment() {
    return source.segment(index, source.checkedSize(index, word));
  }

  /**
   * The block's memory as a buffer of the JDK's, valid as long as the block is live and not longer:
   * keep no buffer, slice or duplicate beyond {@link #close()}, and {@link #pin()} the block while
   * I/O uses one. It has position 0, limit and capacity of {@link #byteSize()}, and big-endian
   * order. Each call makes a new buffer: keep it in a local variable.
   *
   * @return a direct buffer
   * @throws IllegalStateException when the block was freed
   */
  public ByteBuffer byteBuffer() {
    return source.byteBuffer(index, source.checkedSize(index, word));
  }

  /**
   * Cuts segments from the block, one behind the other, for code that takes a {@link
   * SegmentAllocator}; not zeroed. They are dead with the block. Not safe for use by several
   * threads.
   *
   * @return an allocator that throws {@link IndexOutOfBoundsException} when the block is used up
   * @throws IllegalStateException when the block was freed
   */
  public SegmentAllocator allocator() {
    return SegmentAllocator.slicingAllocator(segment());
  }

  /**
   * Copies bytes from an array into the block.
   *
   * @param offset in the block, in bytes
   * @param source array
   * @param from index of the first byte
   * @param length how many
   * @throws IndexOutOfBoundsException when the block or the array is too short; nothing is copied
   * @throws IllegalStateException when the block was freed
   */
  public void copyFrom(long offset, byte[] source, int from, int length) {
    MemorySegment.copy(source, from, segment(), ValueLayout.JAVA_BYTE, offset, length);
  }

  /**
   * Copies bytes from the block into an array.
   *
   * @param offset in the block, in bytes
   * @param target array
   * @param at index of the first byte
   * @param length how many
   * @throws IndexOutOfBoundsException when the block or the array is too short; nothing is copied
   * @throws IllegalStateException when the block was freed
   */
  public void copyTo(long offset, byte[] target, int at, int length) {
    MemorySegment.copy(segment(), ValueLayout.JAVA_BYTE, offset, target, at, length);
  }

  /**
   * How many bytes were asked for, last by {@link #tryResize}.
   *
   * @return bytes, from 1 to the pool's largest block; once freed, those first asked for
   */
  public long byteSize() {
    int now = source.liveSize(index, word);
    return now < 0 ? size : now;
  }

  /**
   * Changes the size in place: the memory stays where it is, and so does what is in it, up to the
   * smaller size. Segments and buffers taken before keep their length: take new ones.
   *
   * @param newSize bytes, from 1 to the pool's largest block
   * @return false when there is no room where the block lies; then nothing was changed
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the block was freed
   */
  public boolean tryResize(long newSize) {
    return source.tryResize(index, word, newSize);
  }

  /**
   * The allocation's handle, as the handle form of the pool takes it. From then on the allocation
   * may be freed without this object, so that a pool that is checked does not mind its being
   * collected.
   *
   * @return never 0
   */
  public long handle() {
    source.named(index);
    return source.handle(index, word);
  }

  /**
   * Whether the block has not been freed yet.
   *
   * @return true until it is freed
   */
  public boolean isLive() {
    return Blocks.isSame(word, source.word(index));
  }

  /**
   * Keeps the block's memory for I/O or native code, until the pin is closed: a free meanwhile is
   * put off. Some 100 ns; what the thread allocates that owns the block is from now on freed by an
   * atomic operation more.
   *
   * @return a pin, to be closed
   * @throws IllegalStateException when the block was freed
   */
  public Pin pin() {
    Pin pin = Pin.of(source, index, word);
    if (pin == null) {
      throw source.notLive(index, word);
    }
    return pin;
  }

  /**
   * Frees the block. Does nothing when the pool was closed by {@link MemoryPool#closeNow()}.
   *
   * @throws InvalidFreeException DOUBLE_FREE or STALE when the block was freed before; nothing is
   *     changed
   */
  @Override
  public void close() {
    source.free(index, word);
  }

  @Override
  public String toString() {
    return "MemoryBlock[%s, %d B, %s]"
        .formatted(
            source.describe(index, Blocks.generation(word)),
            byteSize(),
            isLive() ? "live" : "freed");
  }
}
