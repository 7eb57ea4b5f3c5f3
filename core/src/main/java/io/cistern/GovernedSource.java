package io.cistern;

import org.jspecify.annotations.Nullable;

/** What a {@link Governor} wants of the blocks of its pool, wherever they lie. */
sealed interface GovernedSource permits GovernedBlocks, FallbackBlocks {
  /** Bytes that the owner of a live block has taken: at least those that it asked for. */
  long granted(int index);

  /** Keeps who has made an allocation, in a pool where that is kept of every one. */
  @Nullable AllocationTrace trace(int index, String label);

  /** An owner has got an object for its allocation in a pool that is checked. */
  void issued(MemoryBlock block, int index, long word);

  /** As {@link PoolBase#hold}. */
  void hold(int index, long handle);

  /** As {@link PoolBase#takeBack}. */
  void takeBack(int index, long handle);
}
