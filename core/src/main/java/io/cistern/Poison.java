package io.cistern;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The pattern in memory that nobody owns. */
final class Poison {
  private static final int PAGE = 4096;

  private final byte value;
  private final MemorySegment page;

  Poison(int value) {
    this.value = (byte) value;
    this.page = MemorySegment.ofArray(new byte[PAGE]);
    page.fill(this.value);
  }

  /**
   * A range that was damaged.
   *
   * @param first offset of the first damaged byte
   * @param last offset of the last damaged byte
   */
  record Range(long first, long last) {}

  void fill(MemorySegment memory, long from, long to) {
    if (from < to) {
      memory.asSlice(from, to - from).fill(value);
    }
  }

  /** Whether everything in a range is as it was filled. */
  boolean isWhole(MemorySegment memory, long from, long to) {
    return firstDamage(memory, from, to) == to;
  }

  /** What is damaged in a range that was not whole; one byte, if it is by now. */
  Range damage(MemorySegment memory, long from, long to) {
    long last = to - 1;
    while (last > from && memory.get(ValueLayout.JAVA_BYTE, last) == value) {
      last--;
    }
    return new Range(Math.min(firstDamage(memory, from, to), last), last);
  }

  private long firstDamage(MemorySegment memory, long from, long to) {
    for (long at = from; at < to; at += PAGE) {
      long length = Math.min(PAGE, to - at);
      long mismatch = MemorySegment.mismatch(memory, at, at + length, page, 0, length);
      if (mismatch >= 0) {
        return at + mismatch;
      }
    }
    return to;
  }
}
