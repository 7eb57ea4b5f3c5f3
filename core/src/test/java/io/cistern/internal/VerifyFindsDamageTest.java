package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Invariant 7: every structure is damaged once, and {@code verify} says so. */
class VerifyFindsDamageTest {
  private final SmallBlockPool small = new SmallBlockPool(3, 0, 1, () -> {}, () -> {});
  private final BlockPool large =
      new BlockPool(100, 0, 1, () -> {}, () -> {}, Magazines.table(1), 0);
  private final ConfinedBlockPool confined =
      new ConfinedBlockPool(4, 0, 1, () -> {}, Thread.currentThread());

  private static List<String> findings(Blocks blocks) {
    List<String> findings = new ArrayList<>();
    blocks.verify(findings);
    return findings;
  }

  private static void flip(Blocks blocks, int index) {
    blocks.words[Blocks.at(index)]++;
  }

  @Test
  void aSmallTiersWordThatDiffersFromItsBit() {
    flip(small, 1);
    assertThat(findings(small))
        .containsExactly("block 1 is used by its state word, but not by its bit");
  }

  @Test
  void aSmallTiersBitThatIsLost() {
    Peek.set(small, "bits", 0x3L);
    assertThat(findings(small))
        .containsExactly("block 2 is free by its state word, but not by its bit");
  }

  @Test
  void aSmallTiersBitBeyondTheLastBlock() {
    Peek.set(small, "bits", 0xFL);
    assertThat(findings(small)).contains("free bits 0x8 name blocks beyond the last, 2");
  }

  @Test
  void aLargeTiersFreeBlockWithoutAHint() {
    Depot depot = (Depot) Peek.get(Peek.get(large, "supply"), "depot");
    assertThat(depot.takeLowest()).isZero();
    assertThat(findings(large)).containsExactly("block 0 is free and no hint leads to it");
  }

  @Test
  void aLargeTiersDepotThatMiscounts() {
    Peek.set(Peek.get(Peek.get(large, "supply"), "depot"), "size", 99);
    assertThat(findings(large)).containsExactly("depot holds 100 indices but says 99");
  }

  @Test
  void aLargeTiersCountersThatDoNotAddUp() {
    flip(large, 50);
    assertThat(findings(large))
        .containsExactly("allocations - frees differs by -1 from the used blocks");
  }

  @Test
  void aMagazineBeyondItsLimit() {
    Magazine magazine = magazine();
    magazine.setTop(99);
    assertThat(findings(large)).contains("a magazine of 4 says that it holds 99");
    magazine.setTop(-1);
    assertThat(findings(large)).contains("a magazine of 4 says that it holds -1");
  }

  @Test
  void aMagazineThatNamesNoBlock() {
    Magazine magazine = magazine();
    magazine.setEntry(0, 100, 0);
    magazine.setTop(1);
    assertThat(findings(large)).contains("a magazine names block 100 of 100");
    magazine.setEntry(0, -1, 0);
    assertThat(findings(large)).contains("a magazine names block -1 of 100");
  }

  @Test
  void aMarkThatNoMagazineHas() {
    large.words[Blocks.at(7)] |= 3L << Blocks.MARK_SHIFT;
    assertThat(findings(large)).containsExactly("block 7 is free and no hint leads to it");
  }

  private Magazine magazine() {
    return ((Magazines) Peek.get(large, "magazines")).all()[0];
  }

  @Test
  void aDepotThatMiscounts() {
    Depot depot = new Depot(200);
    Peek.set(depot, "size", 199);
    assertThat(findings(depot)).containsExactly("depot holds 200 indices but says 199");
  }

  @Test
  void aDepotWithIndicesBeyondTheLastBlock() {
    Depot depot = new Depot(70);
    levels(depot)[0][1] |= 1L << 6;
    Peek.set(depot, "size", 71);
    assertThat(findings(depot)).containsExactly("depot holds indices beyond the last block, 69");
  }

  @Test
  void aDepotWhoseLevelsDisagree() {
    Depot depot = new Depot(70);
    levels(depot)[1][0] = 1;
    assertThat(findings(depot)).containsExactly("depot level 1, bit 1 says false and is wrong");
    levels(depot)[1][0] = 7;
    assertThat(findings(new Depot(70))).isEmpty();
  }

  private static long[][] levels(Depot depot) {
    return (long[][]) Peek.get(depot, "levels");
  }

  private static List<String> findings(Depot depot) {
    List<String> findings = new ArrayList<>();
    depot.verify(findings);
    return findings;
  }

  @Test
  void aConfinedTiersStackThatDiffersFromTheWords() {
    flip(confined, 2);
    assertThat(findings(confined))
        .containsExactly(
            "1 of 4 blocks are free by their word and not on the stack, or the other way round");
  }

  @Test
  void aConfinedTiersStackThatNamesABlockTwice() {
    ((Magazine) Peek.get(confined, "magazine")).moveEntry(1, 0);
    assertThat(findings(confined)).hasSize(1);
  }
}
