package io.cistern.concurrency.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Larson and Krishnan's server: each worker replaces objects of 8 to 1000 bytes in a set that it
 * took over from a worker of the round before, which is dead by then; so objects outlive their
 * allocators and are freed by others, and magazines pass from dead threads to new ones.
 *
 * <p>Seen to fail when a magazine is taken over from a thread that is alive.
 *
 * <p>Budget: 8 s.
 */
class LarsonServerTest {
  private static final int WORKERS = 12;
  private static final int ROUNDS = Stress.times(300);
  private static final int OBJECTS = 80;
  private static final int REPLACEMENTS = 1500;
  private static final int MIN_SIZE = 8;
  private static final int MAX_SIZE = 1000;

  private final long[][] objects = new long[WORKERS][OBJECTS];

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(LarsonServerTest.class);
  }

  @Test
  void objectsOutliveTheirThreads() throws Exception {
    try (StressedPool pool = StressedPool.mixed()) {
      long metadata = 0;
      for (int round = 0; round < ROUNDS; round++) {
        int shift = round;
        Stress.together(
            WORKERS,
            worker -> {
              SplittableRandom random = Stress.random(shift * WORKERS + worker);
              replace(pool, objects[(worker + shift) % WORKERS], random);
            });
        metadata = round == ROUNDS / 2 ? pool.pool.stats().metadataBytes() : metadata;
      }
      assertThat(pool.pool.stats().metadataBytes())
          .as("magazines are taken over, not added, by the %d threads", ROUNDS * WORKERS)
          .isEqualTo(metadata);
      for (long[] set : objects) {
        for (long handle : set) {
          pool.free(handle);
        }
      }
      pool.assertWhole();
    }
  }

  private static void replace(StressedPool pool, long[] set, SplittableRandom random) {
    for (int i = 0; i < REPLACEMENTS; i++) {
      int victim = random.nextInt(OBJECTS);
      pool.free(set[victim]);
      set[victim] = pool.tryAllocate(random.nextInt(MIN_SIZE, MAX_SIZE + 1));
    }
  }
}
