package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Both promises for every size that a small region can hold. Time budget: 5 s. */
class SpacePromisesTest {
  private static final int GRANULE = 8;
  private static final int UNITS = 600;

  @Test
  void everySizeIsHadAgainFromAFullRegion() {
    for (int size = 1; size <= UNITS; size++) {
      Space space = new Space(UNITS * GRANULE, GRANULE, UNITS);
      int block = space.allocate((long) size * GRANULE, 1);
      while (space.allocate(GRANULE, 1) != Space.NONE) {}
      assertThat(space.freeBytes()).isZero();
      space.free(block);
      assertThat(space.largestFree()).isEqualTo((long) size * GRANULE);
      assertThat(space.allocate((long) size * GRANULE + 1, 1)).isEqualTo(Space.NONE);
      assertThat(space.allocate((long) size * GRANULE, 1)).isEqualTo(block);
      assertThat(space.freeBytes()).isZero();
    }
  }

  @Test
  void everySizeIsHadAgainBesideEveryOther() {
    for (int one = 1; one < UNITS / 2; one++) {
      for (int other = 1; other < UNITS / 2; other += 7) {
        Space space = new Space(UNITS * GRANULE, GRANULE, 5);
        int first = space.allocate((long) one * GRANULE, 1);
        int second = space.allocate((long) other * GRANULE, 1);
        space.allocate(space.largestFree(), 1);
        space.free(first);
        space.free(second);
        assertThat(space.largestFree()).isEqualTo((long) Math.max(one, other) * GRANULE);
        assertThat(space.allocate((long) one * GRANULE, 1)).isNotNegative();
        assertThat(space.allocate((long) other * GRANULE, 1)).isNotNegative();
        assertThat(space.freeBytes()).isZero();
      }
    }
  }

  @Test
  void everySizeIsHadAgainAtEveryAlignment() {
    for (long alignment = 1; alignment <= 2048; alignment *= 2) {
      for (int size = 1; size <= UNITS / 2; size++) {
        Space space = new Space(UNITS * GRANULE, GRANULE, UNITS);
        space.allocate(GRANULE, 1);
        int block = space.allocate((long) size * GRANULE, alignment);
        assertThat(space.offset(block) % alignment).isZero();
        while (space.allocate(GRANULE, 1) != Space.NONE) {}
        space.free(block);
        assertThat(space.allocate((long) size * GRANULE, alignment)).isEqualTo(block);
        assertThat(space.freeBytes()).isZero();
      }
    }
  }

  @Test
  void theOnlyAlignedPlaceIsFoundAmongHundredsThatAreNot() {
    int units = 40_000;
    Space space = new Space((long) units * GRANULE, GRANULE, units);
    int[] blockAt = new int[units];
    for (int i = 0; i < units; i++) {
      int block = space.allocate(GRANULE, 1);
      blockAt[Math.toIntExact(space.offset(block) / GRANULE)] = block;
    }
    for (int at = 1; at + 40 < units; at += 64) {
      for (int i = at; i < at + 40; i++) {
        space.free(blockAt[i]);
      }
    }
    assertThat(space.allocate(20 * GRANULE, 512)).isEqualTo(Space.NONE);
    space.free(blockAt[640]);
    int found = space.allocate(20 * GRANULE, 512);
    assertThat(space.offset(found)).isEqualTo(640L * GRANULE);
  }
}
