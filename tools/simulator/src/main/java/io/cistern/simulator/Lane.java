package io.cistern.simulator;

import java.lang.foreign.MemorySegment;

/**
 * What one replay holds, by the trace's numbers of blocks. The first three methods are what is
 * timed. A request that is refused leaves things as they were; what is not held can be freed and
 * resized, and nothing happens.
 */
public abstract sealed class Lane permits PoolLane, MallocLane, NettyLane {
  Lane() {}

  /** Allocates a block and writes its first byte; false when that is refused. */
  abstract boolean allocate(int block, int size);

  /** Gives a block another size, its contents kept, here or elsewhere; false when refused. */
  abstract boolean resize(int block, int size);

  /** Frees a block. */
  abstract void free(int block);

  /** The memory of a block that is held. */
  abstract MemorySegment memory(int block, int size);

  /** Frees whatever is still held. */
  abstract void clear();
}
