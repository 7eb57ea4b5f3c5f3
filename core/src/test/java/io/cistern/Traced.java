package io.cistern;

import java.util.Objects;

/** Traces of blocks of a pool, as the pool itself takes them. */
final class Traced {
  private Traced() {}

  /** Where a pool keeps a block. */
  record Place(BlockSource source, int index, long word) {
    static Place of(MemoryPool pool, MemoryBlock block) {
      RegionPool region = (RegionPool) pool;
      BlockSource source = region.source(block.handle());
      int index = region.block(block.handle());
      return new Place(source, index, source.word(index));
    }
  }

  static AllocationTrace trace(MemoryPool pool, MemoryBlock block, String label) {
    Place place = Place.of(pool, block);
    return new AllocationTrace(place.source, place.index, place.word, label, null);
  }

  static MemoryBlock sampled(Suspects suspects, MemoryPool pool, long size, String label) {
    MemoryBlock block = Objects.requireNonNull(pool.tryAllocate(size));
    Place place = Place.of(pool, block);
    suspects.sample(place.source, place.index, place.word, label);
    return block;
  }
}
