package io.cistern.internal;

import io.cistern.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ten million random operations against {@link SpaceModel}, in regions that are filled and emptied
 * by turns. Time budget: 25 s.
 */
class SpaceHistoriesTest {
  private static final int TURN = 2_000;
  private static final int CHECK_EVERY = 499;

  @ParameterizedTest
  @CsvSource({
    // granules, most blocks, largest block, largest alignment, operations
    "   63,    100,    20,    8,   500000",
    "  700,    100,    64,   64,  1500000",
    " 5000,    400,    90,    8,  3000000",
    " 5000,    400,   300,  512,  2000000",
    "20000,    100,  3000,   16,  2000000",
    "99991,     50,  9000, 4096,  1000000",
  })
  void agrees(int units, int maxBlocks, int largest, int alignment, int operations) {
    SplittableRandom random = Seed.random("histories of " + units + " granules");
    SpaceModel model = new SpaceModel(units, maxBlocks);
    for (int step = 0; step < operations; step++) {
      boolean fills = step / TURN % 2 == 0;
      operate(model, random, fills, largest, alignment);
      if (step % CHECK_EVERY == 0) {
        model.check();
      }
    }
    model.check();
  }

  private static void operate(
      SpaceModel model, SplittableRandom random, boolean fills, int largest, int alignment) {
    int what = random.nextInt(10);
    if (model.live() == 0 || what < (fills ? 5 : 3)) {
      model.allocate(size(random, largest), alignment(random, alignment));
    } else if (what < 9) {
      model.free(random.nextInt(model.live()));
    } else {
      model.resize(random.nextInt(model.live()), size(random, largest));
    }
  }

  /**
   * Every second size is one of few, as they are in programs; of the others small ones are most.
   */
  private static int size(SplittableRandom random, int largest) {
    double share = random.nextBoolean() ? random.nextInt(1, 8) / 8.0 : random.nextDouble();
    return 1 + (int) (share * share * (largest - 1));
  }

  private static long alignment(SplittableRandom random, int largest) {
    return random.nextBoolean() ? 1 : Integer.highestOneBit(random.nextInt(1, largest + 1));
  }
}
