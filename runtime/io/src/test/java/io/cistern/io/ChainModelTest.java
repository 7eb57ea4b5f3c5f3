package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random steps against a byte array, over every kind of pool, with enough blocks and with too few;
 * all is compared and walked after each. Budget: 20 s.
 */
class ChainModelTest {
  private static final int STEPS = 1_000;
  private static final int[] BLOCK_BYTES = {1, 2, 5, 8, 16, 64, 300};

  @ParameterizedTest
  @EnumSource
  void holdsWhatTheModelHolds(PoolKind kind) throws Exception {
    SplittableRandom random = Seed.random("ChainModelTest " + kind);
    int refusals = 0;
    for (int blockBytes : BLOCK_BYTES) {
      int blocks = Math.min(120, random.nextInt(1, (240 / blockBytes) + 3));
      try (MemoryPool pool = kind.open(blockBytes, blocks)) {
        refusals += refusals(pool, blockBytes, random);
        PoolKind.close(pool);
      }
    }
    assertThat(refusals).as("refusals").isPositive();
  }

  private static int refusals(MemoryPool pool, int blockBytes, SplittableRandom random)
      throws IOException {
    try (ChainModel model = new ChainModel(pool, blockBytes, random)) {
      for (int i = 0; i < STEPS; i++) {
        model.step();
      }
      return model.refusals();
    }
  }
}
