package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cistern.AllocatedBytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each call of {@link Space} does, by example. Time budget: 2 s. */
class SpaceTest {
  private static final int BYTES = 8_000;

  private final Space space = new Space(BYTES, 8, 100);

  @AfterEach
  void isInOrder() {
    List<String> findings = new ArrayList<>();
    space.verify(findings);
    assertThat(findings).isEmpty();
  }

  private int at(long offset, long length) {
    int block = space.allocate(length, 1);
    assertThat(space.offset(block)).isEqualTo(offset);
    assertThat(space.length(block)).isEqualTo(length);
    return block;
  }

  @Test
  void startsAsOnePiece() {
    assertThat(space.freeBytes()).isEqualTo(BYTES);
    assertThat(space.largestFree()).isEqualTo(BYTES);
    assertThat(space.freePieces()).isEqualTo(1);
    assertThat(space.blocks()).isZero();
  }

  @Test
  void lengthsAreRoundedUpToGranules() {
    int block = space.allocate(9, 1);
    assertThat(space.length(block)).isEqualTo(16);
    assertThat(space.freeBytes()).isEqualTo(BYTES - 16);
  }

  @Test
  void fillsBothEnds() {
    at(0, 800);
    at(BYTES - 1_600, 1_600);
    at(800, 80);
    at(880, 800);
    at(BYTES - 1_680, 80);
  }

  @Test
  void takesTheSmallestPieceThatWillDo() {
    int large = at(0, 800);
    at(BYTES - 1_600, 1_600);
    at(800, 80);
    int small = at(880, 400);
    at(1_280, 80);
    space.free(large);
    space.free(small);
    at(0, 480);
    at(880, 400);
    at(480, 320);
  }

  @Test
  void takesTheYoungestAmongEquals() {
    at(0, 8);
    at(BYTES - 4_000, 4_000);
    int first = at(8, 80);
    at(88, 8);
    int second = at(96, 80);
    at(176, 8);
    int third = at(184, 80);
    at(264, 8);
    space.free(second);
    space.free(first);
    space.free(third);
    at(184, 80);
    at(8, 80);
    at(96, 80);
  }

  @Test
  void freedNeighboursBecomeOnePiece() {
    int a = at(0, 80);
    int c = at(BYTES - 80, 80);
    int b = at(80, 7_840);
    assertThat(space.freePieces()).isZero();
    assertThat(space.largestFree()).isZero();
    space.free(a);
    space.free(c);
    assertThat(space.freePieces()).isEqualTo(2);
    assertThat(space.freeBytesInPiecesOf(1)).isEqualTo(160);
    assertThat(space.freeBytesInPiecesOf(80)).isEqualTo(160);
    assertThat(space.freeBytesInPiecesOf(81)).isZero();
    space.free(b);
    assertThat(space.freePieces()).isEqualTo(1);
    assertThat(space.largestFree()).isEqualTo(BYTES);
  }

  @Test
  void alignsFromEitherSide() {
    at(0, 8);
    int low = space.allocate(100, 256);
    assertThat(space.offset(low)).isEqualTo(7_680);
    int high = space.allocate(100, 256);
    assertThat(space.offset(high)).isEqualTo(256);
    assertThat(space.freePieces()).isEqualTo(3);
  }

  @Test
  void anAlignmentBeyondTheRegionFitsAtItsStartAlone() {
    int block = space.allocate(8, 1L << 40);
    assertThat(space.offset(block)).isZero();
    assertThat(space.allocate(8, 1L << 40)).isEqualTo(Space.NONE);
    assertThat(space.allocate(8, 1L << 62)).isEqualTo(Space.NONE);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThat(space.allocate(BYTES + 1, 1)).isEqualTo(Space.NONE);
    assertThat(space.allocate(Long.MAX_VALUE, 1)).isEqualTo(Space.NONE);
    assertThat(space.allocate(Long.MAX_VALUE, 4_096)).isEqualTo(Space.NONE);
    at(0, BYTES);
    assertThat(space.allocate(1, 1)).isEqualTo(Space.NONE);
  }

  @Test
  void resizesWhereItLies() {
    int block = at(0, 80);
    at(BYTES - 80, 80);
    assertThat(space.tryResize(block, BYTES - 80)).isTrue();
    assertThat(space.freeBytes()).isZero();
    assertThat(space.tryResize(block, BYTES)).isFalse();
    assertThat(space.tryResize(block, Long.MAX_VALUE)).isFalse();
    assertThat(space.length(block)).isEqualTo(BYTES - 80);
    assertThat(space.tryResize(block, 1)).isTrue();
    assertThat(space.length(block)).isEqualTo(8);
    assertThat(space.largestFree()).isEqualTo(BYTES - 88);
    assertThat(space.tryResize(block, 8)).isTrue();
  }

  @Test
  void holdsMaxBlocksAndReusesTheLastFreed() {
    for (int i = 0; i < 100; i++) {
      assertThat(space.allocate(8, 1)).isEqualTo(i);
    }
    assertThat(space.allocate(8, 1)).isEqualTo(Space.NONE);
    assertThat(space.allocate(8, 64)).isEqualTo(Space.NONE);
    space.free(17);
    space.free(71);
    assertThat(space.allocate(8, 1)).isEqualTo(71);
    assertThat(space.allocate(8, 1)).isEqualTo(17);
  }

  @Test
  void oneBlockIsEnoughToBeASpace() {
    Space one = new Space(8, 8, 1);
    assertThat(one.allocate(1, 1)).isZero();
    assertThat(one.allocate(1, 1)).isEqualTo(Space.NONE);
    one.free(0);
    assertThat(one.largestFree()).isEqualTo(8);
  }

  @Test
  void servesTheLargestRegionThereCanBe() {
    long most = (Integer.MAX_VALUE - 1L) * 8;
    Space huge = new Space(most, 8, 10);
    int low = huge.allocate(8, 1);
    int high = huge.allocate(8, 1L << 30);
    assertThat(huge.offset(high) % (1L << 30)).isZero();
    assertThat(huge.allocate(most - 16, 1)).isEqualTo(Space.NONE);
    assertThat(huge.allocate(most - 8, 1L << 33)).isEqualTo(Space.NONE);
    huge.free(low);
    huge.free(high);
    assertThat(huge.offset(huge.allocate(most, 1L << 40))).isZero();
    assertThat(huge.metadataBytes()).isLessThan(40_000);
  }

  @Test
  void takes32BytesABlockAndLittleElse() {
    assertThat(new Space(4_096, 8, 1).metadataBytes()).isLessThan(1_200);
    assertThat(new Space(1 << 20, 8, 1).metadataBytes()).isLessThan(20_000);
    Space full = new Space(1 << 20, 8, 1 << 10);
    long empty = full.metadataBytes();
    while (full.allocate(1_024, 1) != Space.NONE) {}
    assertThat(full.blocks()).isEqualTo(1_024);
    assertThat(full.metadataBytes() - empty).isLessThanOrEqualTo(32 * 1_024);
  }

  @Test
  void makesNoGarbage() {
    Runnable pairs =
        () -> {
          for (int i = 0; i < 10_000; i++) {
            int one = space.allocate(100 + i % 500, 1);
            int other = space.allocate(1_000, 64);
            space.tryResize(other, 500);
            space.free(one);
            space.free(other);
          }
        };
    assertThat(AllocatedBytes.perRepetition(10_000, 0.05, pairs)).isLessThanOrEqualTo(0.05);
  }

  @Test
  void refusesImpossibleNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(64, 12, 1))
        .withMessage("granule is 12 bytes, must be a power of two");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(64, Integer.MIN_VALUE, 1))
        .withMessage("granule is -2147483648 bytes, must be a power of two");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(65, 8, 1))
        .withMessage(
            "space is 65 bytes, must be a multiple of its granule of 8 from 8 to 17179869168");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(0, 8, 1))
        .withMessageContaining("space is 0 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(1L << 34, 8, 1))
        .withMessageContaining("space is 17179869184 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(64, 8, 0))
        .withMessage("maxBlocks is 0, must be from 1 to 16777216");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Space(64, 8, (1 << 24) + 1))
        .withMessage("maxBlocks is 16777217, must be from 1 to 16777216");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space.allocate(0, 1))
        .withMessage("block is 0 bytes, must be at least 1");
  }
}
