package io.cistern.internal;

import static io.cistern.internal.SpaceRecords.AFTER;
import static io.cistern.internal.SpaceRecords.BEFORE;
import static io.cistern.internal.SpaceRecords.END;
import static io.cistern.internal.SpaceRecords.NONE;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * All gaps of a {@link Space} by their exact size, in granules: any can be added and removed, and
 * the smallest that is not below a given size is found, in bounded time.
 *
 * <pre>
 *   add, remove, atLeast, largest
 *     size &lt; exact    a ring for every size, found by two levels of bits: a few steps
 *     size &gt;= exact   {@link GapTree}: at most two steps a bit of the size
 * </pre>
 *
 * <p>The gaps of one size are a ring: the head is the oldest, the youngest comes after it and is
 * found first, so that a size that recurs gets the place it had last. There are {@code exact}
 * heads, a power of two from 64 to 4096 and about a 64th of the region's granules: above 32 KB
 * regions 0.8 % of the bytes or less at 8 bytes a granule.
 *
 * <p>Invariants: bit s of {@code bits} is set if and only if heads[s] is not NONE, bit w of {@code
 * summary} if and only if bits[w] is not 0. A gap is here if and only if it is larger than 0;
 * {@code count} is how many are.
 */
final class Gaps {
  private static final int LEAST_EXACT = 64;
  private static final int MOST_EXACT = 4096;

  private final SpaceRecords records;
  private final int exact;
  private final int[] heads;
  private final long[] bits;
  private final GapTree tree;
  private long summary;

  /** Granules in gaps by the power of two of their size. */
  private final long[] byPower = new long[Integer.SIZE];

  private int count;

  Gaps(SpaceRecords records) {
    this.records = records;
    exact = Math.clamp(Integer.highestOneBit(records.units() >>> 6), LEAST_EXACT, MOST_EXACT);
    heads = new int[exact];
    bits = new long[exact >>> 6];
    tree = new GapTree(records);
  }

  int count() {
    return count;
  }

  private static int power(int size) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size);
  }

  /** Granules in gaps from 2^k to 2^(k+1) - 1, by k. */
  LongStream unitsByPower() {
    return Arrays.stream(byPower);
  }

  /** Adds the gap before a record, which is of the given size now; an empty one is not kept. */
  void add(int gap, int size) {
    if (size == 0) {
      return;
    }
    count++;
    byPower[power(size)] += size;
    if (size >= exact) {
      tree.add(gap, size);
      return;
    }
    int head = heads[size];
    if (head != NONE) {
      records.join(head, gap);
      return;
    }
    records.alone(gap);
    heads[size] = gap;
    bits[size >>> 6] |= 1L << size;
    summary |= 1L << (size >>> 6);
  }

  /** Removes a gap that has been added with the given size. */
  void remove(int gap, int size) {
    if (size == 0) {
      return;
    }
    count--;
    byPower[power(size)] -= size;
    if (size >= exact) {
      tree.remove(gap, size);
    } else if (records.isAlone(gap)) {
      removeLast(size);
    } else {
      heads[size] = heads[size] == gap ? records.get(gap, BEFORE) : heads[size];
      records.leave(gap);
    }
  }

  /**
   * Says that a gap has another size by now, or is before another record, or both. To be called
   * when the records say so already. What a program carves blocks from is one large gap most of the
   * time, and that stays where it is in its tree.
   */
  void move(int from, int to, int size, int newSize) {
    if (size >= exact && newSize >= exact && tree.move(from, to, size, newSize)) {
      byPower[power(size)] += newSize - size;
      return;
    }
    remove(from, size);
    add(to, newSize);
  }

  private void removeLast(int size) {
    heads[size] = NONE;
    long rest = bits[size >>> 6] & ~(1L << size);
    bits[size >>> 6] = rest;
    if (rest == 0) {
      summary &= ~(1L << (size >>> 6));
    }
  }

  /**
   * Best fit: the youngest gap of the smallest size that will do.
   *
   * @param size granules, 1 or more
   * @return the record after the gap, or NONE
   */
  int atLeast(int size) {
    return size < exact ? atLeastSmall(size) : tree.atLeast(size);
  }

  private int atLeastSmall(int size) {
    int word = size >>> 6;
    long found = bits[word] & (-1L << size);
    if (found == 0) {
      long above = word == Long.SIZE - 1 ? 0 : summary & (-2L << word);
      if (above == 0) {
        return tree.smallest();
      }
      word = Long.numberOfTrailingZeros(above);
      found = bits[word];
    }
    return records.get(heads[(word << 6) + Long.numberOfTrailingZeros(found)], AFTER);
  }

  /** The size of the largest gap, or 0. */
  int largest() {
    int large = tree.largest();
    if (large != 0 || summary == 0) {
      return large;
    }
    int word = Long.SIZE - 1 - Long.numberOfLeadingZeros(summary);
    return (word << 6) + Long.SIZE - 1 - Long.numberOfLeadingZeros(bits[word]);
  }

  long bytes() {
    return 48
        + 16
        + 8L * byPower.length
        + 16
        + 4L * heads.length
        + 16
        + 8L * bits.length
        + tree.bytes();
  }

  /**
   * Compares the index with the gaps between the records, which must be sound. Every member of a
   * ring must have the ring's size, so none is in two: if there are as many members as gaps, they
   * are the same.
   */
  void verify(List<String> findings) {
    int gaps = 0;
    int record = END;
    do {
      gaps += records.gap(record) == 0 ? 0 : 1;
      record = records.next(record);
    } while (record != END);
    verifyPowers(findings);
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
      if ((heads[size] != NONE) != ((bits[size >>> 6] & (1L << size)) != 0)) {
        findings.add("the bit of gaps of %d granules is wrong".formatted(size));
      }
      members += heads[size] == NONE ? 0 : records.verifyEquals(heads[size], size, findings);
    }
    for (int word = 0; word < bits.length; word++) {
      if ((bits[word] != 0) != ((summary & (1L << word)) != 0)) {
        findings.add("summary bit %d of the gaps' bits is wrong".formatted(word));
      }
    }
    return members;
  }

  private void verifyPowers(List<String> findings) {
    long[] units = new long[byPower.length];
    int record = END;
    do {
      int size = records.gap(record);
      if (size > 0) {
        units[power(size)] += size;
      }
      record = records.next(record);
    } while (record != END);
    if (!Arrays.equals(units, byPower)) {
      findings.add(
          "granules in gaps by power of two are %s, but %s are counted"
              .formatted(Arrays.toString(units), Arrays.toString(byPower)));
    }
  }
}
