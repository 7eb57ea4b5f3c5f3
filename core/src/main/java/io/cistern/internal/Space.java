package io.cistern.internal;

import static io.cistern.internal.SpaceRecords.END;

import java.util.List;

/**
 * Which bytes of a region are free, for blocks of any size: plain numbers, no memory. Every gap is
 * known by its exact size and every free coalesces at once, hence the two promises, whatever the
 * history: after {@code free(n)}, {@code allocate(n)} at the same alignment succeeds; and {@code
 * allocate(largestFree(), granule)} succeeds.
 *
 * <pre>
 *   allocate → placeSmall: from a gap of a size that has a ring of its own; straight-line code
 *            ↳ allocateLarge → {@link Gaps#atLeast} → place
 *                            ↳ above the granule's alignment: search, which looks at gaps one by one
 *   free     → the place joins the gaps on both its sides; joinLarge if that makes a large one
 *   tryResize→ the end of the block moves within the gap after it
 * </pre>
 *
 * <p>Placement is best fit: the smallest gap that will do, the youngest among equals. The block
 * goes to that side of its gap that is farther from the middle of the region, so that both ends
 * fill up and what is left over gathers in the middle (docs/fragmentation.md has the rules that
 * were tried).
 *
 * <p>Cost: a few steps for gaps below 4,096 granules (fewer in regions below 2 MB), above that at
 * most two steps a bit of the size; not more in large or full regions. Two exceptions: the records
 * double by a copy when they run out, and {@code search} looks at every gap that could hold an
 * aligned block only when 64 did not and no gap is large enough to hold it wherever it starts.
 * Bookkeeping is 32 bytes a block and a fixed part ({@link #metadataBytes()}); no call makes
 * garbage, doubling aside.
 *
 * <p>Not thread-safe: the pool's lock guards it. Blocks are named by number, from 0 to maxBlocks -
 * 1, the one freed last first. Invariant: freeUnits + the lengths of all blocks = granules of the
 * region.
 */
public final class Space {
  /** Says that no block could be had. */
  public static final int NONE = -1;

  /** The most blocks that a space can be asked to hold. */
  public static final int MOST_BLOCKS = 1 << 24;

  private static final int LOOKS = 64;

  /** See {@link #allocateLarge}. */
  private static final int NOT_INLINED = 2;

  private final int shift;
  private final SpaceRecords records;
  private final Gaps gaps;
  private final int exact;
  private int freeUnits;

  /**
   * One gap over a whole region.
   *
   * @param bytes of the region, a multiple of the granule and at most 2<sup>31</sup> - 2 granules
   * @param granule what offsets and lengths are multiples of, in bytes: a power of two
   * @param maxBlocks most blocks live at a time, from 1 to {@link #MOST_BLOCKS}
   * @throws IllegalArgumentException if a number is outside of what is said above
   */
  public Space(long bytes, int granule, int maxBlocks) {
    if (Integer.bitCount(granule) != 1 || granule < 0) {
      throw new IllegalArgumentException(
          "granule is %d bytes, must be a power of two".formatted(granule));
    }
    long most = (Integer.MAX_VALUE - 1L) * granule;
    if (bytes < granule || bytes > most || (bytes & (granule - 1)) != 0) {
      throw new IllegalArgumentException(
          "space is %d bytes, must be a multiple of its granule of %d from %d to %d"
              .formatted(bytes, granule, granule, most));
    }
    if (maxBlocks < 1 || maxBlocks > MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "maxBlocks is %d, must be from 1 to %d".formatted(maxBlocks, MOST_BLOCKS));
    }
    shift = Integer.numberOfTrailingZeros(granule);
    freeUnits = (int) (bytes >>> shift);
    exact = Gaps.exact(freeUnits);
    records = new SpaceRecords(freeUnits, maxBlocks, exact);
    gaps = new Gaps(records, exact);
    gaps.add(records.last, freeUnits);
  }

  /**
   * Takes a block.
   *
   * @param bytes at least 1; rounded up to granules
   * @param alignment of the block's offset, in bytes: a power of two; up to a granule it is always
   *     given
   * @return the block's number, its own until it is freed; {@link #NONE} if no gap can hold it or
   *     maxBlocks are live
   */
  public int allocate(long bytes, long alignment) {
    long units = units(bytes);
    if (units < exact && alignment >>> shift <= 1 && records.hasSpare()) {
      int size = gaps.smallestSmall((int) units);
      if (size != SpaceRecords.NONE) {
        return records.number(placeSmall((int) units, size));
      }
    }
    return allocateLarge(units, Math.max(1, alignment >>> shift), NOT_INLINED);
  }

  /** A block from the youngest gap of a size; the larger part of the gap stays one. */
  private int placeSmall(int units, int size) {
    int gap = gaps.removeYoungest(size);
    int end = records.offset(gap);
    int start = end - size;
    int rest = size - units;
    boolean upper = start > records.units() - end;
    int record = records.insertBefore(gap, upper ? start + rest : start, units);
    freeUnits -= units;
    if (rest != 0) {
      gaps.addSmall(upper ? record : gap, rest);
    }
    return record;
  }

  /**
   * Whatever {@link #allocate} does not do itself. HotSpot inlines a recursion once: so this is
   * always a call, and does not take the registers that the short way needs.
   */
  private int allocateLarge(long units, long align, int calls) {
    if (calls > 0) {
      return allocateLarge(units, align, calls - 1);
    }
    if (units > freeUnits || !records.makeSpare()) {
      return NONE;
    }
    int gap = align == 1 ? gaps.atLeast((int) units) : search((int) units, align);
    return gap == SpaceRecords.NONE ? NONE : records.number(place(gap, (int) units, align));
  }

  private long units(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("block is %d bytes, must be at least 1".formatted(bytes));
    }
    return ((bytes - 1) >>> shift) + 1;
  }

  private int place(int gap, int units, long align) {
    int start = records.gapStart(gap);
    int end = records.offset(gap);
    int offset = offsetIn(start, end, units, align);
    int record = records.insertBefore(gap, offset, units);
    int before = offset - start;
    int after = end - offset - units;
    freeUnits -= units;
    if (before < after) {
      gaps.add(record, before);
      gaps.move(gap, gap, end - start, after);
    } else {
      gaps.move(gap, record, end - start, before);
      gaps.add(gap, after);
    }
    return record;
  }

  /** The aligned place in a gap that is farthest from the middle of the region. */
  private int offsetIn(int start, int end, int units, long align) {
    boolean nearerToTheEnd = start > records.units() - end;
    return (int) (nearerToTheEnd ? (end - units) & -align : (start + align - 1) & -align);
  }

  private boolean fits(int gap, int units, long align) {
    return ((records.gapStart(gap) + align - 1) & -align) + units <= records.offset(gap);
  }

  /**
   * Gaps by rising size; after some looks one that fits wherever it starts, if there is any: so the
   * search is only long where every look may be the one that finds the last place.
   */
  private int search(int units, long align) {
    long certain = units + align - 1;
    int looks = 0;
    int youngest = gaps.atLeast(units);
    while (youngest != SpaceRecords.NONE) {
      int gap = youngest;
      do {
        if (fits(gap, units, align)) {
          return gap;
        }
        if (++looks == LOOKS && certain <= gaps.largest()) {
          return gaps.atLeast((int) certain);
        }
        gap = records.nextOlder(gap);
      } while (gap != youngest);
      youngest = gaps.atLeast(records.gap(youngest) + 1);
    }
    return SpaceRecords.NONE;
  }

  /**
   * Gives a block back. Whether it is live is for the caller to know.
   *
   * @param block a live block's number; no other may be asked for afterwards
   */
  public void free(int block) {
    int record = records.ofNumber(block);
    int next = records.next(record);
    int start = records.gapStart(record);
    int offset = records.offset(record);
    int end = records.end(record);
    int nextOffset = records.offset(next);
    freeUnits += end - offset;
    int size = nextOffset - start;
    if (size >= exact) {
      joinLarge(record, next, offset - start, nextOffset - end, size, NOT_INLINED);
      return;
    }
    if (offset != start) {
      gaps.removeSmall(record);
    }
    if (nextOffset != end) {
      gaps.removeSmall(next);
    }
    records.remove(record);
    gaps.addSmall(next, size);
  }

  /** As the end of {@link #free}, for gaps of any size; always a call. */
  private void joinLarge(int record, int next, int before, int after, int size, int calls) {
    if (calls > 0) {
      joinLarge(record, next, before, after, size, calls - 1);
      return;
    }
    if (before > after) {
      gaps.remove(next, after);
      records.remove(record);
      gaps.move(record, next, before, size);
    } else {
      gaps.remove(record, before);
      records.remove(record);
      gaps.move(next, next, after, size);
    }
  }

  /**
   * Changes a block's length where it lies. Less always succeeds; more only if the gap after the
   * block has it.
   *
   * @param block a live block's number
   * @param bytes the new length, at least 1; rounded up to granules
   * @return whether it was done
   */
  public boolean tryResize(int block, long bytes) {
    int record = records.ofNumber(block);
    long units = units(bytes);
    int next = records.next(record);
    long more = units - records.length(record);
    int gap = records.gap(next);
    if (more > gap) {
      return false;
    }
    records.set(record, END, records.offset(record) + (int) units);
    gaps.move(next, next, gap, gap - (int) more);
    freeUnits -= (int) more;
    return true;
  }

  /**
   * Where a block begins.
   *
   * @param block a live block's number
   * @return bytes from the start of the region
   */
  public long offset(int block) {
    return (long) records.offset(records.ofNumber(block)) << shift;
  }

  /**
   * How long a block is.
   *
   * @param block a live block's number
   * @return bytes granted: what was asked for, rounded up to granules
   */
  public long length(int block) {
    return (long) records.length(records.ofNumber(block)) << shift;
  }

  /**
   * What a block of a size takes.
   *
   * @param bytes at least 1
   * @return bytes, rounded up to granules
   */
  public long granted(long bytes) {
    return units(bytes) << shift;
  }

  /**
   * How many blocks are live.
   *
   * @return a count, at most maxBlocks
   */
  public int blocks() {
    return records.live();
  }

  /**
   * All that is free.
   *
   * @return bytes, those of the region less those granted
   */
  public long freeBytes() {
    return (long) freeUnits << shift;
  }

  /**
   * The largest block that can be had at the alignment of a granule.
   *
   * @return bytes; 0 if nothing is free
   */
  public long largestFree() {
    return (long) gaps.largest() << shift;
  }

  /**
   * How many pieces the free bytes are in.
   *
   * @return a count, at most one more than blocks are live
   */
  public int freePieces() {
    return gaps.count();
  }

  /**
   * What is free now, as the index has it; no walk.
   *
   * @param blocks live blocks
   * @param freeBytes all that is free
   * @param freePieces how many pieces that is in
   * @param largestFree the largest of them, in bytes
   * @param largestAllocatable the largest request that would be served at the alignment of a
   *     granule, in bytes; 0 when maxBlocks are live
   */
  public record Figures(
      int blocks, long freeBytes, int freePieces, long largestFree, long largestAllocatable) {}

  /**
   * What is free now. Read while others write it may be torn, or an {@link
   * IndexOutOfBoundsException}, but it comes back.
   *
   * @return the figures
   */
  public Figures figures() {
    int largest = gaps.largest();
    boolean served = largest > 0 && records.hasRoom();
    int gap = served ? gaps.atLeast(largest) : SpaceRecords.NONE;
    long allocatable = gap == SpaceRecords.NONE ? 0 : records.gap(gap);
    return new Figures(
        records.live(), freeBytes(), gaps.count(), (long) largest << shift, allocatable << shift);
  }

  /**
   * How the free bytes are distributed over sizes. Walks all blocks; as {@link #figures} it comes
   * back even while others write.
   *
   * @return element k is the bytes in pieces from 2<sup>k</sup> to 2<sup>k+1</sup> - 1 granules
   */
  public long[] freeBytesByPower() {
    long[] bytes = new long[Integer.SIZE];
    int record = records.last;
    for (int steps = records.live(); steps >= 0; steps--) {
      int gap = records.gap(record);
      if (gap > 0) {
        bytes[Integer.SIZE - 1 - Integer.numberOfLeadingZeros(gap)] += (long) gap << shift;
      }
      record = records.next(record);
    }
    return bytes;
  }

  /**
   * What of the free bytes a block of a given size could come from. Walks all blocks.
   *
   * @param bytes the size, at least 1
   * @return bytes in free pieces of that size and above
   */
  public long freeBytesInPiecesOf(long bytes) {
    long least = units(bytes);
    long units = 0;
    int record = records.last;
    do {
      int gap = records.gap(record);
      units += gap >= least ? gap : 0;
      record = records.next(record);
    } while (record != records.last);
    return units << shift;
  }

  /**
   * What the bookkeeping takes of the Java heap.
   *
   * @return bytes, object headers included
   */
  public long metadataBytes() {
    return 32 + records.bytes() + gaps.bytes();
  }

  /**
   * Walks everything: blocks and gaps tile the region, and the index has exactly the gaps.
   *
   * @param findings gets a line for everything that is wrong
   */
  public void verify(List<String> findings) {
    if (!records.verify(findings)) {
      return;
    }
    gaps.verify(findings);
    long free = freeBytesInPiecesOf(1) >>> shift;
    if (free != freeUnits) {
      findings.add("gaps are %d granules, but %d are counted".formatted(free, freeUnits));
    }
  }
}
