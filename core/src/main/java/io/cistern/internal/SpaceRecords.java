package io.cistern.internal;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/**
 * The records of a {@link Space}: one for every block, in a ring in the order of addresses that one
 * more record, {@link #last}, closes. Free space has no records of its own. It is the <em>gap</em>
 * before a record, perhaps an empty one:
 *
 * <pre>
 *   |  gap(a)  |  block a  | block b |  gap(c)  |  block c  |  gap(last)  |
 *   0          offset(a)   offset(b)            offset(c)                 units
 *
 *   gap(r) = offset(r) - end(previous(r)) &gt;= 0,   offset(last) = units,   end(last) = 0
 * </pre>
 *
 * <p>So blocks and gaps tile the region by construction, no two gaps touch, to coalesce is to take
 * a record out of the ring, and neither end of the region is a special case.
 *
 * <p>Everything is counted in granules. A record is eight ints of one array, half a cache line, and
 * is named by the position of the first; the last four describe the gap and belong to {@link Gaps}:
 *
 * <pre>
 *   0 OFFSET   1 END   2 PREVIOUS   3 NEXT   4 BEFORE   5 AFTER   6 LOWER   7 UPPER
 * </pre>
 *
 * <p>Gaps of one size form a ring through BEFORE and AFTER, which are links: positions of another
 * BEFORE, with AFTER behind it. Sizes below a limit have a link pair of their own at the beginning
 * of the array, at twice the size: so a gap joins and leaves its ring without a single branch.
 * Position 0 is that of size 0, hence never a record: it means none.
 *
 * <p>Records not in use are a stack linked by NEXT. The array doubles when all are taken: that one
 * call costs a copy, all others a few steps.
 */
final class SpaceRecords {
  /** No record. */
  static final int NONE = 0;

  static final int OFFSET = 0;
  static final int END = 1;
  static final int PREVIOUS = 2;
  static final int NEXT = 3;

  /** Link to the member before in a ring of gaps of one size. */
  static final int BEFORE = 4;

  /** Link to the member after in a ring of gaps of one size. */
  static final int AFTER = 5;

  /** Subtree of {@link GapTree} of the sizes that have a 0 where this node branches, or NONE. */
  static final int LOWER = 6;

  /** Subtree of {@link GapTree} of the sizes that have a 1 where this node branches, or NONE. */
  static final int UPPER = 7;

  /** More than one link is left in a ring. */
  static final int SOME = -1;

  /** Ints of a record. */
  static final int RECORD = 8;

  private static final int AT_FIRST = 64;

  /** The record that closes the ring; the gap before it ends with the region. */
  final int last;

  private final long most;
  private int[] words;
  private int unused = NONE;
  private int everUsed;
  private int live;

  /**
   * A ring of the last record alone.
   *
   * @param units granules of the region
   * @param maxBlocks records beside it that may be in use at a time
   * @param rings how many sizes have link pairs of their own, a multiple of 4
   */
  SpaceRecords(int units, int maxBlocks, int rings) {
    last = 2 * rings;
    everUsed = last + RECORD;
    most = everUsed + (long) RECORD * maxBlocks;
    words = new int[(int) Math.min(everUsed + AT_FIRST * RECORD, most)];
    for (int link = 0; link < last; link += 2) {
      words[link] = link;
      words[link + 1] = link;
    }
    set(last, OFFSET, units);
    set(last, END, 0);
    set(last, PREVIOUS, last);
    set(last, NEXT, last);
  }

  int get(int record, int field) {
    return words[record + field];
  }

  void set(int record, int field, int value) {
    words[record + field] = value;
  }

  /** The number of a block's record, from 0 on. */
  int number(int record) {
    return (record - last) / RECORD - 1;
  }

  /** The record of a block's number. */
  int ofNumber(int number) {
    return last + RECORD + number * RECORD;
  }

  int offset(int record) {
    return words[record];
  }

  int end(int record) {
    return words[record + END];
  }

  int length(int record) {
    return words[record + END] - words[record];
  }

  int next(int record) {
    return words[record + NEXT];
  }

  /** Where the gap before a record begins. */
  int gapStart(int record) {
    return words[words[record + PREVIOUS] + END];
  }

  int gap(int record) {
    return words[record] - gapStart(record);
  }

  /** Granules of the whole region. */
  int units() {
    return offset(last);
  }

  /** How many blocks have a record. */
  int live() {
    return live;
  }

  /** Whether a record can be had, at once or by doubling. */
  boolean hasRoom() {
    return unused != NONE || everUsed < most;
  }

  /** Whether a record can be had at once. */
  boolean hasSpare() {
    return unused != NONE || everUsed < words.length;
  }

  /**
   * Doubles the array if need be.
   *
   * @return false if as many records are in use as may be
   */
  boolean makeSpare() {
    if (!hasSpare() && everUsed < most) {
      int[] longer = Arrays.copyOf(words, (int) Math.min(2L * words.length, most));
      VarHandle.releaseFence(); // some read offsets without the lock
      words = longer;
    }
    return hasSpare();
  }

  /** Puts a spare record into the gap before another; there must be one. */
  int insertBefore(int successor, int offset, int length) {
    int record = take();
    int[] all = words;
    int predecessor = all[successor + PREVIOUS];
    all[record] = offset;
    all[record + END] = offset + length;
    all[record + PREVIOUS] = predecessor;
    all[record + NEXT] = successor;
    all[predecessor + NEXT] = record;
    all[successor + PREVIOUS] = record;
    return record;
  }

  /** Takes a record out of the ring: its place and its gap fall to the gap of its successor. */
  void remove(int record) {
    int[] all = words;
    int predecessor = all[record + PREVIOUS];
    int successor = all[record + NEXT];
    all[predecessor + NEXT] = successor;
    all[successor + PREVIOUS] = predecessor;
    all[record + END] = all[record];
    all[record + NEXT] = unused;
    unused = record;
    live--;
  }

  private int take() {
    live++;
    int record = unused;
    if (record == NONE) {
      record = everUsed;
      everUsed += RECORD;
    } else {
      unused = words[record + NEXT];
    }
    return record;
  }

  // --- rings of gaps of one size ----------------------------------------------------------------

  /** Makes a ring of one gap. */
  void alone(int gap) {
    set(gap, BEFORE, gap + BEFORE);
    set(gap, AFTER, gap + BEFORE);
  }

  boolean isAlone(int gap) {
    return get(gap, AFTER) == gap + BEFORE;
  }

  /** Puts a gap into a ring, behind a link. */
  void join(int link, int gap) {
    int[] all = words;
    int mine = gap + BEFORE;
    int after = all[link + 1];
    all[mine] = link;
    all[mine + 1] = after;
    all[link + 1] = mine;
    all[after] = mine;
  }

  /** Takes a gap out of its ring: the link before it if that is the only one left, else NONE. */
  int leave(int gap) {
    int[] all = words;
    int before = all[gap + BEFORE];
    int after = all[gap + AFTER];
    all[before + 1] = after;
    all[after] = before;
    return before == after ? before : SOME;
  }

  /** Takes the gap that joined a link's ring last out of it; there must be one. */
  int leaveYoungest(int link) {
    int[] all = words;
    int mine = all[link + 1];
    int after = all[mine + 1];
    all[link + 1] = after;
    all[after] = link;
    return mine - BEFORE;
  }

  boolean isEmpty(int link) {
    return words[link + 1] == link;
  }

  /** The gap that joined last of a size that has a link pair of its own, or NONE. */
  int youngest(int size) {
    int link = words[2 * size + 1];
    return link < last ? NONE : link - BEFORE;
  }

  /** The gap that joined before another of its size; after the oldest the youngest. */
  int nextOlder(int gap) {
    int link = words[gap + AFTER];
    return (link < last ? words[link + 1] : link) - BEFORE;
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
    for (int r = next(last), previous = last; ; previous = r, r = next(r)) {
      if (!isRecord(r) || seen > live) {
        findings.add("the ring of %d blocks leads to record %d after %d".formatted(live, r, seen));
        return false;
      }
      verifyRecord(r, previous, findings);
      if (r == last) {
        break;
      }
      seen++;
    }
    if (seen != live) {
      findings.add("the ring holds %d blocks, but %d are counted".formatted(seen, live));
    }
    int idle = countUnused();
    int shouldBe = number(everUsed) - live;
    if (idle != shouldBe) {
      findings.add("%d records are unused, but %d should be".formatted(idle, shouldBe));
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
    if (record != last && length(record) <= 0) {
      findings.add("record %d has a length of %d".formatted(record, length(record)));
    }
  }

  private boolean isRecord(int position) {
    return position >= last && position < everUsed && (position - last) % RECORD == 0;
  }

  boolean isLive(int record) {
    return record == last || (isRecord(record) && length(record) > 0);
  }

  /**
   * Walks a ring, whose members must be gaps of the given size.
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
      if (gap(gap) != size || (before != NONE && get(gap, BEFORE) != before + BEFORE)) {
        findings.add(
            "record %d is among the gaps of %d granules after record %d, but has %d and says %d"
                .formatted(gap, size, before, gap(gap), get(gap, BEFORE) - BEFORE));
      }
      members++;
      before = gap;
      gap = nextOlder(gap);
    } while (gap != head);
    return members;
  }

  private int countUnused() {
    int count = 0;
    for (int r = unused; r > last && isRecord(r) && count <= number(everUsed); r = next(r)) {
      count++;
    }
    return count;
  }
}
