package io.cistern;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Blocks that are as they are in another source, but freed and resized in another way. */
abstract sealed class WrappedBlocks extends BlockSource permits RecordedBlocks, GovernedBlocks {
  private final BlockSource blocks;

  WrappedBlocks(PoolBase pool, BlockSource blocks) {
    super(pool);
    this.blocks = blocks;
  }

  @Override
  final long word(int index) {
    return blocks.word(index);
  }

  @Override
  final int liveSize(int index, long word) {
    return blocks.liveSize(index, word);
  }

  @Override
  final long handle(int index, long word) {
    return blocks.handle(index, word);
  }

  @Override
  final MemorySegment segment(int index, int size) {
    return blocks.segment(index, size);
  }

  @Override
  final ByteBuffer byteBuffer(int index, int size) {
    return blocks.byteBuffer(index, size);
  }

  @Override
  final String describe(int index, int generation) {
    return blocks.describe(index, generation);
  }
}
