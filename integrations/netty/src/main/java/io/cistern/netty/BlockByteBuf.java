package io.cistern.netty;

import io.cistern.MemoryBlock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;

/**
 * A direct buffer whose memory is a block. It has one owner of the block at a time, this object,
 * and frees it in two places: when the reference count has come to 0, and when another block has
 * taken its place. What is left then is a segment of no bytes.
 *
 * <p>As every buffer, not safe for use by several threads at once, but for the reference count.
 */
final class BlockByteBuf extends SegmentByteBuf {
  private final BlockSupply supply;
  private MemoryBlock block;

  BlockByteBuf(
      ByteBufAllocator alloc, BlockSupply supply, MemoryBlock block, int capacity, int max) {
    super(alloc, memory(block, capacity), max);
    this.supply = supply;
    this.block = block;
  }

  /** A block is of one byte where none was asked for. */
  private static MemorySegment memory(MemoryBlock block, int capacity) {
    MemorySegment all = block.segment();
    return capacity == 0 ? all.asSlice(0, 0) : all;
  }

  @Override
  public ByteBuf capacity(int newCapacity) {
    checkNewCapacity(newCapacity);
    if (supply.tryGrow(block, newCapacity)) {
      use(block.segment());
    } else if (newCapacity != capacity()) {
      move(newCapacity);
    }
    return this;
  }

  /** To another block; if there is none, nothing is changed. */
  private void move(int newCapacity) {
    MemoryBlock old = block;
    MemoryBlock taken = supply.take(newCapacity);
    MemorySegment memory = memory(taken, newCapacity);
    MemorySegment.copy(segment(), 0, memory, 0, Math.min(capacity(), newCapacity));
    block = taken;
    use(memory);
    trimIndicesToCapacity(newCapacity);
    old.close();
  }

  @Override
  protected void deallocate() {
    use(MemorySegment.NULL);
    block.close();
  }
}
