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
  void named(int index) {
    blocks.named(index);
  }

  @Override
  final boolean lose(int index, long word) {
    return blocks.lose(index, word);
  }

  @Override
  final boolean isPinned(int index, long word) {
    return blocks.isPinned(index, word);
  }

  @Override
  final boolean pin(int index, long word) {
    return blocks.pin(index, word);
  }

  @Override
  final void unpin(int index) {
    blocks.unpin(index);
  }

  @Override
  void finishFree(int index, long marked) {
    blocks.finishFree(index, marked);
  }

  @Override
  final long handle(int index, long word) {
    return blocks.handle(index, word);
  }

  @Override
  MemorySegment segment(int index, int size) {
    return blocks.segment(index, size);
  }

  @Override
  ByteBuffer byteBuffer(int index, int size) {
    return blocks.byteBuffer(index, size);
  }

  @Override
  final String describe(int index, int generation) {
    return blocks.describe(index, generation);
  }
}
