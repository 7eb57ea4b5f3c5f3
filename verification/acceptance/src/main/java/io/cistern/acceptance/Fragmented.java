package io.cistern.acceptance;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A region of variable size that is fragmented on purpose, hole by hole. It is full of blocks of
 * 256 B; then 30 neighbours are freed, which is the largest free piece, and after that every other
 * block is a hole of its own.
 *
 * <pre>
 * fragmentation = 100 · holes / (holes + 30) %        70 % at 70 holes, 85 % at 170
 * </pre>
 */
final class Fragmented {
  static final String POOL = "any";
  static final int LARGEST = 30;

  private static final int BLOCK = 256;
  private static final int MOST_HOLES = 170;
  private static final int BLOCKS = LARGEST + 1 + 2 * MOST_HOLES;

  private final PoolManager manager;
  private final List<MemoryBlock> live = new ArrayList<>();

  /** Where the next hole will be, from the end of the region down. */
  private int next = BLOCKS - 1;

  /** Fills the region, and frees its first blocks in one piece. */
  Fragmented(PoolManager manager) {
    this.manager = manager;
    for (int i = 0; i < BLOCKS; i++) {
      live.add(manager.pool(POOL).allocate(BLOCK));
    }
    live.sort(Comparator.comparingLong(block -> block.segment().address()));
    live.subList(0, LARGEST).forEach(MemoryBlock::close);
  }

  /** The region, for a manager that has {@link #POOL}. */
  static MemoryPool.Builder region() {
    return MemoryPool.builder().variable((long) BLOCKS * BLOCK);
  }

  /** Makes so many holes more; after each, all levels are looked at. */
  void makeHoles(int count) {
    for (int i = 0; i < count; i++) {
      live.get(next).close();
      next -= 2;
      manager.pressure();
    }
  }

  void freeAll() {
    live.stream().filter(MemoryBlock::isLive).forEach(MemoryBlock::close);
    manager.pressure();
  }
}
