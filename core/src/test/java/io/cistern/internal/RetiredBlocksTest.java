package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Retired blocks are nobody's for ever: not their last owner's, and nobody's after. */
class RetiredBlocksTest {
  private static final long FIRST = 1L << 56;

  private static List<Blocks> kinds() {
    Runnable none = () -> {};
    return List.of(
        new SmallBlockPool(2, FIRST, 5, none, none),
        new BlockPool(100, FIRST, 5, none, none, Magazines.table(1), 0),
        new ConfinedBlockPool(2, FIRST, 5, none, Thread.currentThread()));
  }

  @Test
  void neitherUsedNorFreeBlocksComeBack() {
    for (Blocks blocks : kinds()) {
      int used = (int) (blocks.claimSlow(1, 1) >>> 32 & 0xFF_FFFF);
      int freed = (int) (blocks.claimSlow(1, 1) >>> 32 & 0xFF_FFFF);
      long usedWord = blocks.word(used);
      long freedWord = blocks.word(freed);
      blocks.release(freed, freedWord);
      blocks.retireNow();
      for (int index : new int[] {used, freed}) {
        assertNobodys(blocks, index, usedWord);
        assertNobodys(blocks, index, freedWord);
        assertNobodys(blocks, index, blocks.word(index));
      }
      assertThat(blocks.claim(1, 1)).isEqualTo(Blocks.NONE);
      assertThat(blocks.claimSlow(1, 1)).isEqualTo(Blocks.NONE);
    }
  }

  private static void assertNobodys(Blocks blocks, int index, long word) {
    assertThat(Blocks.isOwned(blocks.word(index))).isFalse();
    assertThat(blocks.isLive(index, blocks.handle(index, word))).isFalse();
    assertThat(blocks.free(index, blocks.handle(index, word))).isFalse();
    assertThat(blocks.beginRelease(index, word)).isZero();
  }

  @Test
  void aFreeUnderWayDoesNotBringABlockBack() {
    for (Blocks blocks : kinds()) {
      int index = (int) (blocks.claimSlow(1, 1) >>> 32 & 0xFF_FFFF);
      long marked = blocks.beginRelease(index, blocks.word(index));
      blocks.retireNow();
      assertThat(blocks.release(index, marked)).isFalse();
      assertThat(blocks.claimSlow(1, 1)).isEqualTo(Blocks.NONE);
    }
  }
}
