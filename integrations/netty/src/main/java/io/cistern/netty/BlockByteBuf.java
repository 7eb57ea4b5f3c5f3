package io.cistern.netty;

import io.cistern.MemoryBlock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer whose memory is a block. Reading, writing and I/O are those of Netty's own buffer
 * over a {@link ByteBuffer}; this class gives it the block's, and the block back.
 *
 * <p>Netty's constructor for a given {@code ByteBuffer} never frees it, and what takes its place
 * when the capacity changes is freed through a {@link CleanableDirectBuffer}. So that there is one
 * owner, those do nothing ({@link View}), and the block is freed here alone: when the reference
 * count has come to 0, or when another block has taken its place.
 *
 * <p>As every buffer, not safe for use by several threads at once, but for the reference count.
 */
final class BlockByteBuf extends UnpooledDirectByteBuf {
  private final BlockSupply supply;
  private MemoryBlock block;

  /** Takes the place of {@link #block} once its contents are copied. */
  private @Nullable MemoryBlock next;

  BlockByteBuf(
      ByteBufAllocator alloc, BlockSupply supply, MemoryBlock block, int capacity, int max) {
    this.supply = supply;
    this.block = block;
    super(alloc, view(block, capacity), max);
    writerIndex(0);
  }

  private static ByteBuffer view(MemoryBlock block, int capacity) {
    ByteBuffer all = block.byteBuffer();
    return capacity == 0 ? all.limit(0).slice() : all;
  }

  /** Memory that somebody else frees. */
  private record View(ByteBuffer buffer) implements CleanableDirectBuffer {
    @Override
    public void clean() {}
  }

  @Override
  protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
    if (supply.tryGrow(block, capacity)) {
      return new View(block.byteBuffer());
    }
    MemoryBlock taken = supply.take(capacity);
    next = taken;
    return new View(view(taken, capacity));
  }

  @Override
  public ByteBuf capacity(int newCapacity) {
    boolean changed = false;
    try {
      super.capacity(newCapacity);
      changed = true;
      return this;
    } finally {
      settle(changed);
    }
  }

  /** Frees the block that is not wanted: the old one, or the new one if it could not be put in. */
  private void settle(boolean changed) {
    MemoryBlock taken = next;
    if (taken == null) {
      return;
    }
    next = null;
    MemoryBlock unwanted = taken;
    if (changed) {
      unwanted = block;
      block = taken;
    }
    unwanted.close();
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    block.close();
  }

  @Override
  public boolean hasMemoryAddress() {
    return true;
  }

  @Override
  public long memoryAddress() {
    ensureAccessible();
    return block.segment().address();
  }
}
