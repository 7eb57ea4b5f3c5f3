package io.cistern.internal;

import java.util.Arrays;
import java.util.List;

/**
 * The records of a {@link Space}: one for every block, in a ring in the order of addresses that the
 * record END closes. Free space has no records of its own. It is the <em>gap</em> before a record:
 *
 * <pre>
 *   |  gap(a)  |  block a  | block b |  gap(c)  |  block c  |  gap(END)  |
 *   0          offset(a)   offset(b)            offset(c)                units
 *
 *   end(r) = offset(r) + length(r),   gap(r) = offset(r) - end(previous(r)) &gt;= 0
 * </pre>
 *
 * <p>So blocks and gaps tile the region by construction, no two gaps touch, and to coalesce is to
 * take a record out of the ring. END has offset = units and length = -units, hence end(END) = 0,
 * and neither end of the region is a special case.
 *
 * <p>Everything is counted in granules. A record is eight ints of one array, half a cache line; the
 * last four describe the gap and belong to {@link Gaps}:
 *
 * <pre>
 *   0 OFFSET   1 LENGTH   2 PREVIOUS   3 NEXT   4 BEFORE   5 AFTER   6 LOWER   7 UPPER
 * </pre>
 *
 * <p>Record 0 is never used: 0 means none. Records not in use are a stack linked by NEXT, of LENGTH
 * 0. The array doubles when all are taken: that one call costs a copy, all others a few steps.
 */
final class SpaceRecords {
  /** No record. */
  static final int NONE = 0;

  /** The record that closes the ring; the gap before it ends with the region. */
  static final int END = 1;

  /** The first record that a block can have. */
  static final int FIRST = 2;

  static final int OFFSET = 0;
  static final int LENGTH = 1;
  static final int PREVIOUS = 2;
  static final int NEXT = 3;

  /** The member before in a ring of gaps of one size. */
  static final int BEFORE = 4;

  /** The member after in a ring of gaps of one size. */
  static final int AFTER = 5;

  /** Subtree of {@link GapTree} of the sizes that have a 0 where this node branches, or NONE. */
  static final int LOWER = 6;

  /** Subtree of {@link GapTree} of the sizes that have a 1 where this node branches, or NONE. */
  static final int UPPER = 7;

  private static final int SHIFT = 3;
  private static final int AT_FIRST = 64;

  private final int most;
  private int[] words;
  private int unused = NONE;
  private int everUsed = FIRST;
  private int live;

  /**
   * A ring of END alone.
   *
   * @param units granules of the region
   * @param maxBlocks records beside END that may be in use at a time
   */
  SpaceRecords(int units, int maxBlocks) {
    most = maxBlocks + FIRST;
    words = new int[Math.min(AT_FIRST, most) << SHIFT];
    set(END, OFFSET, units);
    set(END, LENGTH, -units);
    set(END, PREVIOUS, END);
    set(END, NEXT, END);
  }

  int get(int record, int field) {
    return words[(record << SHIFT) + field];
  }

  void set(int record, int field, int value) {
    words[(record << SHIFT) + field] = value;
  }

  int offset(int record) {
    return get(record, OFFSET);
  }

  int length(int record) {
    return get(record, LENGTH);
  }

  int next(int record) {
    return get(record, NEXT);
  }

  int end(int record) {
    return offset(record) + length(record);
  }

  /** Where the gap before a record begins. */
  int gapStart(int record) {
    return end(get(record, PREVIOUS));
  }

  int gap(int record) {
    return offset(record) - gapStart(record);
  }

  /** Granules of the whole region. */
  int units() {
    return offset(END);
  }

  /** How many blocks have a record. */
  int live() {
    return live;
  }

  boolean isFull() {
    return live == most - FIRST;
  }

  /** Puts a new record into the gap before another; there must be one left. */
  int insertBefore(int successor, int offset, int length) {
    int record = take();
    int predecessor = get(successor, PREVIOUS);
    set(record, OFFSET, offset);
    set(record, LENGTH, length);
    set(record, PREVIOUS, predecessor);
    set(record, NEXT, successor);
    set(predecessor, NEXT, record);
    set(successor, PREVIOUS, record);
    return record;
  }

  /** Takes a record out of the ring: its place and its gap fall to the gap of its successor. */
  void remove(int record) {
    int predecessor = get(record, PREVIOUS);
    int successor = get(record, NEXT);
    set(predecessor, NEXT, successor);
    set(successor, PREVIOUS, predecessor);
    set(record, LENGTH, 0);
    set(record, NEXT, unused);
    unused = record;
    live--;
  }

  private int take() {
    live++;
    int record = unused;
    if (record != NONE) {
      unused = next(record);
      return record;
    }
    if (everUsed << SHIFT == words.length) {
      words = Arrays.copyOf(words, Math.min(2 * everUsed, most) << SHIFT);
    }
    return everUsed++;
  }

  /** Makes a ring of equals of one gap. */
  void alone(int gap) {
    set(gap, BEFORE, gap);
    set(gap, AFTER, gap);
  }

  boolean isAlone(int gap) {
    return get(gap, AFTER) == gap;
  }

  /** Puts a gap into a ring of equals, after a member. */
  void join(int member, int gap) {
    int after = get(member, AFTER);
    set(gap, BEFORE, member);
    set(gap, AFTER, after);
    set(member, AFTER, gap);
    set(after, BEFORE, gap);
  }

  /** Takes a gap out of its ring of equals. */
  void leave(int gap) {
    int before = get(gap, BEFORE);
    int after = get(gap, AFTER);
    set(before, AFTER, after);
    set(after, BEFORE, before);
  }

  long bytes() {
    return 40 + 16 + 4L * words.length;
  }

  /**
   * Walks the ring and the stack of unused records.
   *
   * @return whether the ring closes, so that others may walk it
   */
  boolean verify(List<String> findings) {
    int before = findings.size();
    int seen = 0;
    for (int r = next(END), previous = END; ; previous = r, r = next(r)) {
      if (r < END || r >= everUsed || seen > live) {
        findings.add("the ring of %d blocks leads to record %d after %d".formatted(live, r, seen));
        return false;
      }
      verifyRecord(r, previous, findings);
      if (r == END) {
        break;
      }
      seen++;
    }
    if (seen != live) {
      findings.add("the ring holds %d blocks, but %d are counted".formatted(seen, live));
    }
    int idle = countUnused();
    if (idle != everUsed - FIRST - live) {
      findings.add(
          "%d records are unused, but %d should be".formatted(idle, everUsed - FIRST - live));
    }
    return findings.size() == before;
  }

  private void verifyRecord(int record, int previous, List<String> findings) {
    if (get(record, PREVIOUS) != previous) {
      findings.add(
          "record %d follows %d, but says that it follows %d"
              .formatted(record, previous, get(record, PREVIOUS)));
    } else if (gap(record) < 0) {
      findings.add(
          "record %d begins at granule %d, before the end of record %d at %d"
              .formatted(record, offset(record), previous, end(previous)));
    }
    if (record != END && length(record) <= 0) {
      findings.add("record %d has a length of %d".formatted(record, length(record)));
    }
  }

  boolean isLive(int record) {
    return record == END || (record >= FIRST && record < everUsed && length(record) > 0);
  }

  /**
   * Walks a ring of equals, whose members must be gaps of the given size.
   *
   * @return how many they are
   */
  int verifyEquals(int head, int size, List<String> findings) {
    int members = 0;
    int gap = head;
    int before = NONE;
    do {
      if (!isLive(gap) || members > live) {
        findings.add(
            "the gaps of %d granules lead to record %d after %d".formatted(size, gap, members));
        return members;
      }
      if (gap(gap) != size || (before != NONE && get(gap, BEFORE) != before)) {
        findings.add(
            "record %d is among the gaps of %d granules after record %d, but has %d and says %d"
                .formatted(gap, size, before, gap(gap), get(gap, BEFORE)));
      }
      members++;
      before = gap;
      gap = get(gap, AFTER);
    } while (gap != head);
    return members;
  }

  private int countUnused() {
    int count = 0;
    for (int r = unused; r >= FIRST && r < everUsed && count <= everUsed; r = next(r)) {
      count++;
    }
    return count;
  }
}
