package io.cistern.internal;

import static io.cistern.internal.SpaceRecords.NONE;

import java.util.List;

/**
 * All gaps of a {@link Space} by their exact size, in granules: any can be added and removed, and
 * the smallest that is not below a given size is found, in bounded time.
 *
 * <pre>
 *   add, remove, atLeast, largest
 *     size &lt; exact    a ring for every size, found by two levels of bits: a few steps, hardly a branch
 *     size &gt;= exact   {@link GapTree}: at most two steps a bit of the size
 * </pre>
 *
 * <p>The gaps of one size are a ring, of which the youngest is found first, so that a size that
 * recurs gets the place it had last. The rings of {@code exact} sizes have a link pair of their own
 * in the records; {@code exact} is a power of two from 64 to 4096 and about a 64th of the region's
 * granules: above 32 KB regions 1.6 % of the bytes or less at 8 bytes a granule.
 *
 * <p>Invariants: bit s of {@code bits} is set if and only if the ring of size s has a gap, bit w of
 * {@code summary} if and only if bits[w] is not 0. A gap is here if and only if it is larger than
 * 0; {@code count} is how many are.
 */
final class Gaps {
  private static final int LEAST_EXACT = 64;
  private static final int MOST_EXACT = 4096;

  private final SpaceRecords records;
  private final int exact;
  private final long[] bits;
  private final GapTree tree;
  private long summary;

  private int count;

  /** How many sizes have a ring of their own, in a region of so many granules. */
  static int exact(int units) {
    return Math.clamp(Integer.highestOneBit(units >>> 6), LEAST_EXACT, MOST_EXACT);
  }

  Gaps(SpaceRecords records, int exact) {
    this.records = records;
    this.exact = exact;
    bits = new long[exact >>> 6];
    tree = new GapTree(records);
  }

  int count() {
    return count;
  }

  /** Adds the gap before a record, which is of the given size now; an empty one is not kept. */
  void add(int gap, int size) {
    if (size >= exact) {
      count++;
      tree.add(gap, size);
    } else if (size != 0) {
      addSmall(gap, size);
    }
  }

  /** Removes a gap that has been added with the given size. */
  void remove(int gap, int size) {
    if (size >= exact) {
      count--;
      tree.remove(gap, size);
    } else if (size != 0) {
      removeSmall(gap);
    }
  }

  /** As {@link #add}, for sizes from 1 to exact - 1. */
  void addSmall(int gap, int size) {
    records.join(size << 1, gap);
    int word = size >>> 6;
    bits[word] |= 1L << size;
    summary |= 1L << word;
    count++;
  }

  /** As {@link #remove}, for sizes from 1 to exact - 1. */
  void removeSmall(int gap) {
    count--;
    int link = records.leave(gap);
    if (link != SpaceRecords.SOME) {
      clear(link >>> 1);
    }
  }

  private void clear(int size) {
    int word = size >>> 6;
    long rest = bits[word] & ~(1L << size);
    bits[word] = rest;
    if (rest == 0) {
      summary &= ~(1L << word);
    }
  }

  /** The smallest size of its own that is not below the given one, or NONE. */
  int smallestSmall(int size) {
    int word = size >>> 6;
    long found = bits[word] & (-1L << size);
    if (found == 0) {
      long above = summary & (-2L << word);
      if (above == 0) {
        return NONE;
      }
      word = Long.numberOfTrailingZeros(above);
      found = bits[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(found);
  }

  /** Removes the youngest gap of a size of its own, of which there is one. */
  int removeYoungest(int size) {
    count--;
    int gap = records.leaveYoungest(size << 1);
    if (records.isEmpty(size << 1)) {
      clear(size);
    }
    return gap;
  }

  /**
   * Says that a gap has another size by now, or is before another record, or both. To be called
   * when the records say so already. What a program carves blocks from is one large gap most of the
   * time, and that stays where it is in its tree.
   */
  void move(int from, int to, int size, int newSize) {
    if (size >= exact && newSize >= exact && tree.move(from, to, size, newSize)) {
      return;
    }
    remove(from, size);
    add(to, newSize);
  }

  int atLeast(int size) {
    return size < exact ? atLeastSmall(size) : tree.atLeast(size);
  }

  private int atLeastSmall(int size) {
    int found = smallestSmall(size);
    return found == NONE ? tree.smallest() : records.youngest(found);
  }

  /** The size of the largest gap, or 0. */
  int largest() {
    int large = tree.largest();
    if (large != 0 || summary == 0) {
      return large;
    }
    int word = Long.SIZE - 1 - Long.numberOfLeadingZeros(summary);
    return (word << 6) + Math.max(0, Long.SIZE - 1 - Long.numberOfLeadingZeros(bits[word]));
  }

  long bytes() {
    return 48 + 16 + 8L * bits.length + tree.bytes();
  }

  /**
   * Compares the index with the gaps between the records, which must be sound. Every member of a
   * ring must have the ring's size, so none is in two: if there are as many members as gaps, they
   * are the same.
   */
  void verify(List<String> findings) {
    int gaps = 0;
    int record = records.last;
    do {
      gaps += records.gap(record) == 0 ? 0 : 1;
      record = records.next(record);
    } while (record != records.last);
    int members = verifySmall(findings) + tree.verify(findings);
    if (members != gaps || count != gaps) {
      findings.add(
          "there are %d gaps, but %d in the index, and %d are counted"
              .formatted(gaps, members, count));
    }
  }

  private int verifySmall(List<String> findings) {
    int members = 0;
    for (int size = 0; size < exact; size++) {
      int youngest = records.youngest(size);
      if ((youngest != NONE) != ((bits[size >>> 6] & (1L << size)) != 0)) {
        findings.add("the bit of gaps of %d granules is wrong".formatted(size));
      }
      int equals = youngest == NONE ? 0 : records.verifyEquals(youngest, size, findings);
      members += size == 0 ? 0 : equals;
    }
    for (int word = 0; word < bits.length; word++) {
      if ((bits[word] != 0) != ((summary & (1L << word)) != 0)) {
        findings.add("summary bit %d of the gaps' bits is wrong".formatted(word));
      }
    }
    return members;
  }
}
