package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.foreign.MemorySegment;
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
 * <p>32 bytes on the Java heap, and none where the JIT sees that the object does not escape.
 */
public final class MemoryBlock implements AutoCloseable {
  private final Tier tier;
  private final int index;
  private final int size;
  private final long word;

  MemoryBlock(Tier tier, int index, int size, long word) {
    this.tier = tier;
    this.index = index;
    this.size = size;
    this.word = word;
  }

  /**
   * The block's memory. Each call makes a new segment: keep it in a local variable.
   *
   * @return a segment exactly as long as what was asked for, so that an access one byte beyond
   *     throws
   * @throws IllegalStateException when the block was freed
   */
  public MemorySegment segment() {
    checkLive();
    return tier.segment(index, size);
  }

  /**
   * The block's memory as a buffer with position 0, limit and capacity of {@link #byteSize()}, and
   * big-endian order. Each call makes a new buffer: keep it in a local variable.
   *
   * @return a direct buffer
   * @throws IllegalStateException when the block was freed
   */
  public ByteBuffer byteBuffer() {
    checkLive();
    return tier.byteBuffer(index, size);
  }

  /**
   * How many bytes were asked for.
   *
   * @return bytes, from 1 to the pool's largest block
   */
  public long byteSize() {
    return size;
  }

  /**
   * The allocation's handle, as the handle form of the pool takes it.
   *
   * @return never 0
   */
  public long handle() {
    return tier.handle(index, word);
  }

  /**
   * Whether the block has not been freed yet.
   *
   * @return true until it is freed
   */
  public boolean isLive() {
    return tier.blocks.word(index) == word;
  }

  /**
   * Frees the block. Does nothing when the pool was closed by {@link MemoryPool#closeNow()}.
   *
   * @throws InvalidFreeException DOUBLE_FREE or STALE when the block was freed before; nothing is
   *     changed
   */
  @Override
  public void close() {
    tier.free(index, word);
  }

  private void checkLive() {
    if (!isLive()) {
      throw tier.notLive(index, word);
    }
  }

  @Override
  public String toString() {
    return "MemoryBlock[%s, %d B, %s]"
        .formatted(
            tier.describe(index, Blocks.generation(word)), size, isLive() ? "live" : "freed");
  }
}
