package io.cistern;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The blocks of a pool that is recorded: as they are, but freed and resized through the recording.
 */
final class RecordedBlocks extends BlockSource {
  private final RecordedPool pool;
  private final BlockSource blocks;

  RecordedBlocks(RecordedPool pool, BlockSource blocks) {
    super(pool);
    this.pool = pool;
    this.blocks = blocks;
  }

  @Override
  long word(int index) {
    return blocks.word(index);
  }

  @Override
  int liveSize(int index, long word) {
    return blocks.liveSize(index, word);
  }

  @Override
  long handle(int index, long word) {
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
  void free(int index, long word) {
    pool.free(blocks.handle(index, word), () -> blocks.free(index, word));
  }

  @Override
  boolean tryResize(int index, long word, long size) {
    return pool.resize(blocks.handle(index, word), size, () -> blocks.tryResize(index, word, size));
  }

  @Override
  String describe(int index, int generation) {
    return blocks.describe(index, generation);
  }
}
