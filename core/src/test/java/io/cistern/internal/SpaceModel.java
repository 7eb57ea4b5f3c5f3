package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A {@link Space} and beside it the plainest thing that says the same: a bit for every granule.
 * Every call is made on both, and what the space answers must be what the bits allow: no overlap,
 * no refusal while there is room, best fit, exact figures.
 */
final class SpaceModel {
  private static final int GRANULE = 8;

  /** A live block, with the granules it must have. */
  private record Block(int number, int offset, int units, long alignment) {}

  private final int units;
  private final int maxBlocks;
  private final Space space;
  private final BitSet taken = new BitSet();
  private final BitSet numbers = new BitSet();
  private final List<Block> live = new ArrayList<>();

  SpaceModel(int units, int maxBlocks) {
    this.units = units;
    this.maxBlocks = maxBlocks;
    space = new Space((long) units * GRANULE, GRANULE, maxBlocks);
  }

  int live() {
    return live.size();
  }

  /** Allocates; a refusal must be due. */
  void allocate(int size, long alignment) {
    int align = (int) Math.max(1, alignment / GRANULE);
    int best = bestFit(size, align);
    int number = space.allocate((long) size * GRANULE, alignment);
    if (live.size() == maxBlocks || best == 0) {
      assertThat(number).as("%d granules at %d", size, alignment).isEqualTo(Space.NONE);
      return;
    }
    assertThat(number).as("%d granules at %d", size, alignment).isBetween(0, maxBlocks - 1);
    Block block = new Block(number, (int) (space.offset(number) / GRANULE), size, alignment);
    assertThat(space.offset(number) % alignment).as("offset at %d", alignment).isZero();
    assertFits(block);
    if (align == 1) {
      assertThat(gapAround(block)).as("gap taken for %d granules", size).isEqualTo(best);
    }
    assertThat(numbers.get(number)).as("block %d is live already", number).isFalse();
    numbers.set(number);
    taken.set(block.offset, block.offset + size);
    live.add(block);
  }

  private void assertFits(Block block) {
    assertThat(space.length(block.number)).isEqualTo((long) block.units * GRANULE);
    assertThat(block.offset).isBetween(0, units - block.units);
    assertThat(nextTaken(block.offset))
        .as("next taken granule for %s", block)
        .isGreaterThanOrEqualTo(block.offset + block.units);
  }

  private int nextTaken(int from) {
    int next = taken.nextSetBit(from);
    return next < 0 ? units : next;
  }

  private int gapAround(Block block) {
    return nextTaken(block.offset) - (taken.previousSetBit(block.offset) + 1);
  }

  /** The smallest gap that can hold the size at the alignment, or 0. */
  private int bestFit(int size, int align) {
    int best = 0;
    for (int start = taken.nextClearBit(0); start < units; ) {
      int end = nextTaken(start);
      boolean fits = (start + align - 1) / align * align + size <= end;
      if (fits && (best == 0 || end - start < best)) {
        best = end - start;
      }
      start = taken.nextClearBit(end);
    }
    return best;
  }

  /** Frees a block. Then the first promise: the same can be had at once. It is given back again. */
  void free(int which) {
    Block block = remove(which);
    space.free(block.number);
    int again = space.allocate((long) block.units * GRANULE, block.alignment);
    assertThat(again).as("the block freed last, for %s again", block).isEqualTo(block.number);
    space.free(again);
  }

  private Block remove(int which) {
    Block block = live.get(which);
    Block last = live.removeLast();
    if (which < live.size()) {
      live.set(which, last);
    }
    numbers.clear(block.number);
    taken.clear(block.offset, block.offset + block.units);
    return block;
  }

  /** Resizes a block in place; whether that can be done, the bits say. */
  void resize(int which, int size) {
    Block block = live.get(which);
    boolean room = nextTaken(block.offset + block.units) >= block.offset + size;
    assertThat(space.tryResize(block.number, (long) size * GRANULE))
        .as("%s to %d granules", block, size)
        .isEqualTo(room);
    if (room) {
      Block resized = new Block(block.number, block.offset, size, block.alignment);
      live.set(which, resized);
      taken.clear(block.offset, block.offset + block.units);
      assertFits(resized);
      taken.set(block.offset, block.offset + size);
    }
    assertThat(space.offset(block.number)).isEqualTo((long) block.offset * GRANULE);
  }

  /** All figures, and the second promise: the largest free piece can be had. */
  void check() {
    int free = 0;
    int pieces = 0;
    int largest = 0;
    for (int start = taken.nextClearBit(0); start < units; ) {
      int end = nextTaken(start);
      free += end - start;
      pieces++;
      largest = Math.max(largest, end - start);
      start = taken.nextClearBit(end);
    }
    assertThat(space.blocks()).isEqualTo(live.size());
    assertThat(space.freeBytes()).isEqualTo((long) free * GRANULE);
    assertThat(space.freePieces()).isEqualTo(pieces);
    assertThat(space.largestFree()).isEqualTo((long) largest * GRANULE);
    assertLargestCanBeHad(largest);
    List<String> findings = new ArrayList<>();
    space.verify(findings);
    assertThat(findings).isEmpty();
  }

  private void assertLargestCanBeHad(int largest) {
    if (largest == 0 || live.size() == maxBlocks) {
      return;
    }
    assertThat(space.freeBytesInPiecesOf((long) largest * GRANULE))
        .isGreaterThanOrEqualTo((long) largest * GRANULE);
    assertThat(space.freeBytesInPiecesOf((long) largest * GRANULE + 1)).isZero();
    int number = space.allocate((long) largest * GRANULE, GRANULE);
    assertThat(number).as("the largest free piece, %d granules", largest).isNotNegative();
    space.free(number);
  }
}
