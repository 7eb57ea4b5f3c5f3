package io.cistern;

/**
 * The blocks of a pool that is recorded: as they are, but freed and resized through the recording.
 */
final class RecordedBlocks extends WrappedBlocks {
  private final RecordedPool pool;
  private final BlockSource blocks;

  RecordedBlocks(RecordedPool pool, BlockSource blocks) {
    super(pool, blocks);
    this.pool = pool;
    this.blocks = blocks;
  }

  @Override
  void free(int index, long word) {
    pool.free(blocks.handle(index, word), () -> blocks.free(index, word));
  }

  @Override
  boolean tryResize(int index, long word, long size) {
    return pool.resize(blocks.handle(index, word), size, () -> blocks.tryResize(index, word, size));
  }
}
