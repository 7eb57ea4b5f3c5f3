package io.cistern.internal;

import java.util.List;

/**
 * The indices of equal blocks, of which the one that was given back last is taken first: its block
 * is the likeliest to be in a cache. That order mixes with use, until neighbours in it are
 * neighbours in memory no more; then it is sorted, lowest index first, which is called coalescing.
 *
 * <pre>
 * free + live  = count
 * broken       = neighbours (a, b) in the order in which they will be taken with b ≠ a + 1
 * runs         = longest pieces of free indices without a gap
 * runs - 1    ≤ broken ≤ free - 1            the left one exactly when sorted, for free &gt; 0
 * fragmentation = 100 · broken / (free - 1) %     0 with fewer than two free
 * efficiency    = 100 · live / count %
 * </pre>
 *
 * <p>A stack holds the order and a bit set the truth: an index is free if and only if its bit is
 * set, so what is not live is never taken back. {@code broken} changes with the pair on top alone,
 * {@code runs} with the two bits beside the one that changes; both are counted on the way, in
 * constant time.
 *
 * <p><b>Coalescing.</b> Sorting n numbers below {@code count} takes n log n comparisons, but the
 * bit set has them in order: one walk over it, from the top, writes the stack anew. It runs by
 * itself when an index is given back, fragmentation exceeds a threshold, and the sorted order has
 * less of it ({@code broken > runs - 1}). Gaps that live blocks make stay; so does a fragmentation
 * that is due to them alone, and costs nothing. A set that is never fragmented beyond its gaps is
 * {@link Depot}, which gives the lowest index first.
 *
 * <p><b>Cost.</b> Take and give back are constant, with {@code count / 64 + free} steps more when
 * one coalesces; no garbage. 4 bytes and a bit for each index. Not thread-safe: the owner's lock
 * guards it.
 */
public final class IndexStack {
  /** What {@link #take} answers when no index is free. */
  public static final int NONE = -1;

  /** The fragmentation in percent above which an index that is given back coalesces. */
  public static final double COALESCE_ABOVE_PERCENT = 20;

  /** A threshold that is never exceeded: only {@link #coalesce} sorts. */
  public static final double NEVER = 100;

  /** The free indices, the next one to be taken last. */
  private final int[] stack;

  /** A bit for each index, set while it is free. */
  private final long[] bits;

  private final double coalesceAbove;
  private int free;
  private int broken;
  private int runs;
  private long coalesced;

  /**
   * All indices are free, and will be taken from 0 on. Coalesces above {@value
   * #COALESCE_ABOVE_PERCENT} %.
   *
   * @param count how many, at least 1
   */
  public IndexStack(int count) {
    this(count, COALESCE_ABOVE_PERCENT);
  }

  /**
   * All indices are free, and will be taken from 0 on.
   *
   * @param count how many, at least 1
   * @param coalesceAbove fragmentation in percent, 0 to 100, above which an index that is given
   *     back coalesces; {@link #NEVER} for never
   * @throws IllegalArgumentException when one of them is out of range
   */
  public IndexStack(int count, double coalesceAbove) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " indices: at least 1 is needed");
    }
    if (!(coalesceAbove >= 0 && coalesceAbove <= NEVER)) {
      throw new IllegalArgumentException(
          "coalescing above %s %%: 0 to 100 is possible".formatted(coalesceAbove));
    }
    this.stack = new int[count];
    this.bits = new long[(count + Long.SIZE - 1) / Long.SIZE];
    this.coalesceAbove = coalesceAbove;
    this.free = count;
    this.runs = 1;
    for (int index = 0; index < count; index++) {
      bits[index / Long.SIZE] |= 1L << index;
    }
    sort();
  }

  /**
   * Takes the index that was given back last.
   *
   * @return an index, or {@link #NONE} when none is free
   */
  public int take() {
    if (free == 0) {
      return NONE;
    }
    int index = stack[--free];
    broken -= isBrokenBelow(index);
    bits[index / Long.SIZE] &= ~(1L << index);
    runs += freeNeighbours(index) - 1;
    return index;
  }

  /**
   * Gives an index back; it will be taken first, unless this coalesces.
   *
   * @param index that was taken
   * @return whether it has coalesced
   * @throws IllegalArgumentException when it is out of range or not live; nothing is changed
   */
  public boolean giveBack(int index) {
    if (index < 0 || index >= stack.length) {
      throw new IllegalArgumentException(
          "index %d is given back, but there are 0 to %d".formatted(index, stack.length - 1));
    }
    if (!isLive(index)) {
      throw new IllegalArgumentException(
          "index %d is given back, but is not live: %d of %d are"
              .formatted(index, live(), stack.length));
    }
    broken += isBrokenBelow(index);
    runs += 1 - freeNeighbours(index);
    bits[index / Long.SIZE] |= 1L << index;
    stack[free++] = index;
    return fragmentationPercent() > coalesceAbove && coalesce();
  }

  /** 1 when the top of the stack does not follow an index that lies, or is to lie, above it. */
  private int isBrokenBelow(int index) {
    return free > 0 && stack[free - 1] != index + 1 ? 1 : 0;
  }

  private int freeNeighbours(int index) {
    return (index > 0 && isFree(index - 1) ? 1 : 0)
        + (index + 1 < stack.length && isFree(index + 1) ? 1 : 0);
  }

  private boolean isFree(int index) {
    return (bits[index / Long.SIZE] & (1L << index)) != 0;
  }

  /**
   * Sorts what is free, if that lowers the fragmentation; the lowest index is taken next.
   *
   * @return whether it was sorted
   */
  public boolean coalesce() {
    if (free == 0 || broken == runs - 1) {
      return false;
    }
    sort();
    coalesced++;
    return true;
  }

  private void sort() {
    int at = 0;
    for (int word = bits.length - 1; word >= 0; word--) {
      for (long left = bits[word]; left != 0; left &= ~Long.highestOneBit(left)) {
        stack[at++] = word * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(left);
      }
    }
    broken = runs - 1;
  }

  /**
   * Whether an index was taken and not given back.
   *
   * @param index any number
   * @return false, too, for what is out of range
   */
  public boolean isLive(int index) {
    return index >= 0 && index < stack.length && !isFree(index);
  }

  /**
   * How many indices there are.
   *
   * @return free and live ones
   */
  public int count() {
    return stack.length;
  }

  /**
   * How many are taken.
   *
   * @return a count
   */
  public int live() {
    return stack.length - free;
  }

  /**
   * How often the order was sorted since the start.
   *
   * @return a count
   */
  public long coalesced() {
    return coalesced;
  }

  /**
   * The share of live indices.
   *
   * @return percent, 0 to 100
   */
  public double efficiencyPercent() {
    return 100.0 * live() / stack.length;
  }

  /**
   * Of the neighbouring pairs in the order in which they will be taken, the share in which the
   * second is not the first plus one.
   *
   * @return percent, 0 to 100; 0 with fewer than two free
   */
  public double fragmentationPercent() {
    return free < 2 ? 0 : 100.0 * broken / (free - 1);
  }

  /**
   * What is free, in the order in which it will be taken if nothing is given back.
   *
   * @return a copy
   */
  public int[] order() {
    int[] order = new int[free];
    for (int at = 0; at < free; at++) {
      order[at] = stack[free - 1 - at];
    }
    return order;
  }

  /**
   * Counts everything anew; takes a time in proportion to the indices.
   *
   * @param findings gets a line for each thing that does not fit together
   */
  public void verify(List<String> findings) {
    int seenBroken = 0;
    int seenRuns = 0;
    int seenFree = 0;
    for (int index = 0; index < stack.length; index++) {
      seenFree += isFree(index) ? 1 : 0;
      seenRuns += isFree(index) && (index == 0 || !isFree(index - 1)) ? 1 : 0;
    }
    long[] once = new long[bits.length];
    int[] order = order();
    for (int at = 0; at < order.length; at++) {
      once[order[at] / Long.SIZE] |= 1L << order[at];
      seenBroken += at > 0 && order[at] != order[at - 1] + 1 ? 1 : 0;
    }
    report(findings, "free", free, seenFree);
    report(findings, "runs", runs, seenRuns);
    report(findings, "broken pairs", broken, seenBroken);
    for (int word = 0; word < bits.length; word++) {
      if (once[word] != bits[word]) {
        findings.add("indices from %d on: order and bits differ".formatted(word * Long.SIZE));
      }
    }
  }

  private static void report(List<String> findings, String what, int counted, int seen) {
    if (counted != seen) {
      findings.add("%s: %d counted, %d seen".formatted(what, counted, seen));
    }
  }
}
