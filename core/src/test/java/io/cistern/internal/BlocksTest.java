package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Invariant 1, the state word is the truth: what each transition does to it, and that no call which
 * expects another word changes anything. For every kind of block pool.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class BlocksTest {
  private static final long FIRST = 1L << 56;

  private static final int SIZE = 100;
  private static final int TICK = 7;
  private static final int CAPACITY_SMALL = 3;
  private static final int CAPACITY_LARGE = 100;
  private static final long SEED = 0xFFFF_FFFEL;

  private final Blocks blocks;

  BlocksTest(Supplier<Blocks> kind) {
    blocks = kind.get();
  }

  static Stream<Arguments> kinds() {
    Runnable none = () -> {};
    Thread self = Thread.currentThread();
    return Stream.of(
        kind("small", () -> new SmallBlockPool(CAPACITY_SMALL, FIRST, SEED, none, none)),
        kind("64", () -> new SmallBlockPool(64, FIRST, SEED, none, none)),
        kind(
            "large",
            () -> new BlockPool(CAPACITY_LARGE, FIRST, SEED, none, none, Magazines.table(1), 0)),
        kind("confined", () -> new ConfinedBlockPool(CAPACITY_LARGE, FIRST, SEED, none, self)));
  }

  private static Arguments kind(String name, Supplier<Blocks> blocks) {
    return Arguments.of(Named.of(name, blocks));
  }

  @AfterEach
  void inOrder() {
    List<String> findings = new ArrayList<>();
    assertThat(blocks.verify(findings)).isTrue();
    assertThat(findings).isEmpty();
  }

  private long unmarked(int index) {
    return blocks.word(index) & ~Blocks.MARK;
  }

  private int claim() {
    long claim = blocks.claimSlow(SIZE, TICK);
    assertThat(claim).isNotEqualTo(Blocks.NONE);
    int index = (int) (claim >>> 32 & 0xFF_FFFF);
    assertThat((int) claim).as("generation").isEqualTo(Blocks.generation(blocks.word(index)));
    return index;
  }

  @Test
  void aWordCountsUpByOneAtEachTransition() {
    int index = claim();
    long first = unmarked(index);
    assertThat(first).isEqualTo((SEED << 1) + 1);
    for (int i = 0; i < 10; i++) {
      long word = blocks.word(index);
      assertThat(unmarked(index)).isEqualTo(first + 2L * i);
      assertThat(Blocks.isOwned(word)).isTrue();
      assertThat(blocks.release(index, word)).isTrue();
      assertThat(unmarked(index)).isEqualTo(first + 2L * i + 1);
      assertThat(Blocks.isOwned(word + 1)).isFalse();
      assertThat(Blocks.isReleased(word, blocks.word(index))).isTrue();
      assertThat(claim()).as("the last one freed is the next one taken").isEqualTo(index);
    }
    blocks.release(index, blocks.word(index));
  }

  @Test
  void generationsOf32BitsWrapAndTheWordDoesNot() {
    int index = claim();
    long before = unmarked(index);
    for (int i = 0; i < 4; i++) {
      blocks.release(index, blocks.word(index));
      claim();
    }
    assertThat(Integer.toUnsignedLong(Blocks.generation(blocks.word(index)))).isEqualTo(2);
    assertThat(unmarked(index)).isEqualTo(before + 8).isGreaterThan(1L << 33);
    blocks.release(index, blocks.word(index));
  }

  @Test
  void aReleaseThatExpectsAnotherWordChangesNothing() {
    int index = claim();
    long word = blocks.word(index);
    for (long wrong : new long[] {word - 2, word + 2, word + 1, word - 1, 0, -1, Long.MIN_VALUE}) {
      assertThat(blocks.release(index, wrong)).isFalse();
      assertThat(blocks.beginRelease(index, wrong)).isZero();
      assertThat(blocks.word(index)).isEqualTo(word);
    }
    assertThat(blocks.release(index, word)).isTrue();
    assertThat(blocks.release(index, word)).isFalse();
    assertThat(blocks.used()).isZero();
    assertThat(blocks.counts()).isEqualTo(new Blocks.Counts(1, 1, SIZE));
  }

  @Test
  void aFreeByHandleTakesTheLiveOneAlone() {
    int index = claim();
    long handle = blocks.handle(index, blocks.word(index));
    assertThat(blocks.isLive(index, handle)).isTrue();
    assertThat(blocks.isLive(index, handle + 1)).isFalse();
    assertThat(blocks.isLive(blocks.capacity(), handle)).isFalse();
    assertThat(blocks.isLive(1 << 24, handle)).isFalse();
    assertThat(blocks.free(index, handle - 1)).isFalse();
    assertThat(blocks.free(index, handle + 1)).isFalse();
    assertThat(blocks.free(blocks.capacity(), handle)).isFalse();
    assertThat(blocks.free(1 << 24, handle)).isFalse();
    assertThat(blocks.free(index, handle)).isTrue();
    assertThat(blocks.free(index, handle)).isFalse();
    assertThat(blocks.isLive(index, handle)).isFalse();
  }

  @Test
  void aBlockThatIsBeingFreedIsNobodys() {
    int index = claim();
    long word = blocks.word(index);
    long marked = blocks.beginRelease(index, word);
    assertThat(marked).isNotZero().isNotEqualTo(word);
    assertThat(Blocks.isOwned(marked)).isFalse();
    assertThat(Blocks.generation(marked)).isEqualTo(Blocks.generation(word));
    assertThat(blocks.beginRelease(index, word)).as("its owner again").isZero();
    assertThat(blocks.beginRelease(index, marked)).as("a second mark").isZero();
    assertThat(blocks.release(index, word)).isFalse();
    assertThat(blocks.free(index, blocks.handle(index, word))).isFalse();
    assertThat(Blocks.isReleased(word, blocks.word(index))).isTrue();
    assertThat(blocks.used()).isEqualTo(1);
    assertThat(blocks.release(index, marked)).isTrue();
    assertThat(Blocks.isReleased(word, blocks.word(index))).isTrue();
    assertThat(Blocks.isOwned(blocks.word(index))).isFalse();
  }

  /** What a search across tiers rests on. */
  @Test
  void everyReleaseIsCounted() {
    for (int expected = 0; expected < 5; expected++) {
      assertThat(blocks.releases()).isEqualTo(expected);
      int index = claim();
      assertThat(blocks.releases()).isEqualTo(expected);
      blocks.release(index, blocks.word(index));
    }
  }

  /** Else a newcomer on the fast path would overtake those who wait for a small tier. */
  @Test
  void theFastPathOfASmallTierFindsNothingWhileSomebodyWaits() {
    if (blocks instanceof SmallBlockPool) {
      blocks.setWanted(true);
      assertThat(blocks.isWanted()).isTrue();
      assertThat(blocks.claim(SIZE, TICK)).isEqualTo(Blocks.NONE);
      int served = claim();
      blocks.setWanted(false);
      int newcomer = (int) (blocks.claim(SIZE, TICK) >>> 32 & 0xFF_FFFF);
      blocks.release(served, blocks.word(served));
      blocks.release(newcomer, blocks.word(newcomer));
    }
  }

  @Test
  void theRecordKeepsSizeAndTickOfTheOwner() {
    int index = (int) (blocks.claimSlow(Integer.MAX_VALUE, Integer.MAX_VALUE) >>> 32 & 0xFF_FFFF);
    assertThat(blocks.size(index)).isEqualTo(Integer.MAX_VALUE);
    assertThat(blocks.tick(index)).isEqualTo(Integer.MAX_VALUE);
    blocks.release(index, blocks.word(index));
    assertThat(claim()).isEqualTo(index);
    assertThat(blocks.size(index)).isEqualTo(SIZE);
    assertThat(blocks.tick(index)).isEqualTo(TICK);
    blocks.release(index, blocks.word(index));
  }

  @Test
  void aSealedPoolGivesNothingUntilItIsUnsealed() {
    assertThat(blocks.seal()).isTrue();
    assertThat(blocks.used()).isZero();
    assertThat(blocks.claimSlow(SIZE, TICK)).isEqualTo(Blocks.NONE);
    blocks.unseal();
    assertAllCanBeClaimed();
  }

  @Test
  void aPoolWithALiveBlockIsNotSealed() {
    int index = claim();
    long word = blocks.word(index);
    assertThat(blocks.seal()).isFalse();
    assertThat(blocks.used()).isEqualTo(1);
    assertThat(blocks.release(index, word)).isTrue();
    assertAllCanBeClaimed();
  }

  private void assertAllCanBeClaimed() {
    int[] claimed = new int[blocks.capacity()];
    for (int i = 0; i < claimed.length; i++) {
      claimed[i] = claim();
    }
    assertThat(blocks.claimSlow(SIZE, TICK)).isEqualTo(Blocks.NONE);
    assertThat(claimed).doesNotHaveDuplicates();
    for (int index : claimed) {
      assertThat(blocks.release(index, blocks.word(index))).isTrue();
    }
  }
}
