package io.cistern.internal;

import static io.cistern.internal.SpaceRecords.AFTER;
import static io.cistern.internal.SpaceRecords.BEFORE;
import static io.cistern.internal.SpaceRecords.END;
import static io.cistern.internal.SpaceRecords.LOWER;
import static io.cistern.internal.SpaceRecords.NEXT;
import static io.cistern.internal.SpaceRecords.OFFSET;
import static io.cistern.internal.SpaceRecords.PREVIOUS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every part of a {@link Space} is damaged once, and {@code verify} says so. Time budget: 1 s.
 *
 * <pre>
 *   granule   0    10    20    30          490     990   1000
 *             |  2  | gap |  6  |    gap    |   5   |  3  |      record 4 is unused
 * </pre>
 */
class SpaceVerifyTest {
  private final Space space = new Space(8_000, 8, 100);
  private final SpaceRecords records = (SpaceRecords) Peek.get(space, "records");
  private final Gaps gaps = (Gaps) Peek.get(space, "gaps");
  private final GapTree tree = (GapTree) Peek.get(gaps, "tree");

  @BeforeEach
  void fill() {
    assertThat(allocateUnits(10)).isZero();
    assertThat(allocateUnits(10)).isEqualTo(990);
    assertThat(allocateUnits(10)).isEqualTo(10);
    assertThat(allocateUnits(500)).isEqualTo(490);
    assertThat(allocateUnits(10)).isEqualTo(20);
    space.free(2);
    assertThat(findings()).isEmpty();
  }

  private long allocateUnits(long units) {
    return space.offset(space.allocate(8 * units, 1)) / 8;
  }

  private List<String> findings() {
    List<String> findings = new ArrayList<>();
    space.verify(findings);
    return findings;
  }

  /** Where a record is, by its number in the picture; 1 is the last. */
  private int r(int number) {
    return records.last + (number - 1) * SpaceRecords.RECORD;
  }

  private long[] bits() {
    return (long[]) Peek.get(gaps, "bits");
  }

  private int[] roots() {
    return (int[]) Peek.get(tree, "roots");
  }

  @Test
  void aBlockWithoutLength() {
    records.set(r(6), END, 20);
    assertThat(findings()).containsExactly("record 168 has a length of 0");
  }

  @Test
  void aBlockThatOverlaps() {
    records.set(r(6), OFFSET, 5);
    assertThat(findings())
        .containsExactly("record 168 begins at granule 5, before the end of record 136 at 10");
  }

  @Test
  void aRingThatDiffersBackwards() {
    records.set(r(5), PREVIOUS, r(2));
    assertThat(findings()).containsExactly("record 160 follows 168, but says that it follows 136");
  }

  @Test
  void aRingThatLeadsNowhere() {
    records.set(r(3), NEXT, 99);
    assertThat(findings()).containsExactly("the ring of 4 blocks leads to record 99 after 4");
  }

  @Test
  void aRingThatNeverCloses() {
    records.set(r(3), NEXT, r(2));
    assertThat(findings())
        .containsExactly(
            "record 136 follows 144, but says that it follows 128",
            "the ring of 4 blocks leads to record 168 after 5");
  }

  @Test
  void aRingThatLeavesOneOut() {
    records.set(r(6), NEXT, r(3));
    records.set(r(3), PREVIOUS, r(6));
    assertThat(findings()).containsExactly("the ring holds 3 blocks, but 4 are counted");
  }

  @Test
  void unusedRecordsThatAreLostOrRunInCircles() {
    Peek.set(records, "unused", 0);
    assertThat(findings()).containsExactly("0 records are unused, but 1 should be");
    Peek.set(records, "unused", r(4));
    records.set(r(4), NEXT, r(4));
    assertThat(findings()).containsExactly("6 records are unused, but 1 should be");
  }

  @Test
  void freeGranulesThatDoNotAddUp() {
    Peek.set(space, "freeUnits", 471);
    assertThat(findings()).containsExactly("gaps are 470 granules, but 471 are counted");
  }

  @Test
  void aGapThatIsLost() {
    records.set(20, 0, 20);
    records.set(20, 1, 20);
    bits()[0] = 0;
    Peek.set(gaps, "summary", 0L);
    assertThat(findings())
        .containsExactly("there are 2 gaps, but 1 in the index, and 2 are counted");
  }

  @Test
  void aGapThatIsNone() {
    records.join(40, r(2));
    bits()[0] |= 1L << 20;
    assertThat(findings())
        .containsExactly(
            "record 136 is among the gaps of 20 granules after record 0, but has 0 and says 36",
            "there are 2 gaps, but 3 in the index, and 2 are counted");
  }

  @Test
  void aGapOfAnUnusedRecord() {
    records.set(20, 1, r(4) + BEFORE);
    assertThat(findings())
        .containsExactly(
            "the gaps of 10 granules lead to record 152 after 0",
            "there are 2 gaps, but 1 in the index, and 2 are counted");
  }

  @Test
  void aRingOfEqualsThatNeverCloses() {
    records.set(r(6), AFTER, r(3) + BEFORE);
    records.set(r(3), AFTER, r(3) + BEFORE);
    records.set(r(3), BEFORE, r(6) + BEFORE);
    assertThat(findings()).contains("the gaps of 10 granules lead to record 144 after 5");
  }

  @Test
  void aRingOfEqualsThatDiffersBackwards() {
    space.free(3);
    space.free(4);
    assertThat(space.freePieces()).isEqualTo(1);
    for (int i = 0; i < 6; i++) {
      space.allocate(80, 1);
    }
    space.free(2);
    space.free(3);
    assertThat(findings()).isEmpty();
    records.set(records.nextOlder(records.youngest(10)), BEFORE, r(2) + BEFORE);
    assertThat(findings()).hasSize(1).first().asString().endsWith("but has 10 and says 136");
  }

  @Test
  void gapsThatDoNotAddUp() {
    Peek.set(gaps, "count", 3);
    assertThat(findings())
        .containsExactly("there are 2 gaps, but 2 in the index, and 3 are counted");
  }

  @Test
  void bitsThatAreWrong() {
    bits()[0] = 1L << 11;
    assertThat(findings())
        .containsExactly(
            "the bit of gaps of 10 granules is wrong", "the bit of gaps of 11 granules is wrong");
  }

  @Test
  void aSummaryThatIsWrong() {
    Peek.set(gaps, "summary", 0L);
    assertThat(findings()).containsExactly("summary bit 0 of the gaps' bits is wrong");
  }

  @Test
  void aTreeThatIsLost() {
    Peek.set(tree, "used", 0);
    assertThat(findings())
        .containsExactly("the bit of the tree of gaps from 2^8 granules on is wrong");
    roots()[8] = 0;
    assertThat(findings())
        .containsExactly("there are 2 gaps, but 1 in the index, and 2 are counted");
  }

  @Test
  void aNodeThatIsAstray() {
    roots()[7] = r(5);
    roots()[8] = 0;
    Peek.set(tree, "used", 1 << 7);
    assertThat(findings())
        .containsExactly(
            "the gap of 460 granules before record 160 is astray in its tree",
            "there are 2 gaps, but 1 in the index, and 2 are counted");
  }

  @Test
  void aNodeThatIsNotInUse() {
    records.set(r(5), LOWER, r(4));
    assertThat(findings())
        .containsExactly("record 152 is a node of the tree of gaps, but not in use");
  }
}
