package io.cistern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * For each block the number of its {@link Owner}, and of which generation of the block that is. In
 * rows of 4096 that are made when they are needed, 4 bytes a block.
 *
 * <pre>
 *   31        16 15         0
 *  +------------+------------+
 *  | generation | owner + 1  |      all ones: swept; 0: nobody yet
 *  +------------+------------+
 * </pre>
 *
 * Written by whoever has just claimed the block, before anybody else knows of it; read by whoever
 * frees it, before it is free. When a pool is closed under its owners it is swept: each block that
 * had an owner is credited to it once. A block that was claimed but not yet noted is not credited
 * by the sweep, since its tag is of another generation, but by the claimer, who finds that the tag
 * was swept. Both exchange the tag, so one of the two sees the other.
 */
final class BlockTags {
  /** Most owners that a tag can tell apart. */
  static final int MOST_OWNERS = (1 << 16) - 2;

  private static final int OWNER = (1 << 16) - 1;
  private static final int SWEPT = -1;
  private static final int ROW_BITS = 12;
  private static final int ROW = 1 << ROW_BITS;
  private static final VarHandle TAGS = MethodHandles.arrayElementVarHandle(int[].class);

  private final AtomicReferenceArray<int @Nullable []> rows;
  private final int rowLength;

  /** For a number of blocks at most. */
  BlockTags(int blocks) {
    this.rows = new AtomicReferenceArray<>(((blocks - 1) >>> ROW_BITS) + 1);
    this.rowLength = Math.min(blocks, ROW);
  }

  /** Notes the owner of a block's generation; false when the block was swept meanwhile. */
  boolean set(int index, int generation, int owner) {
    return exchange(index, generation << 16 | (owner + 1)) != SWEPT;
  }

  /** The owner noted last; of a block without one, or swept, the first. */
  int owner(int index) {
    int[] row = rows.getAcquire(index >>> ROW_BITS);
    int tag = row == null ? 0 : (int) TAGS.getAcquire(row, index & (ROW - 1));
    return tag == SWEPT ? 0 : Math.max(0, (tag & OWNER) - 1);
  }

  /** The owner of a block's generation, to be credited by the caller; -1 if it is not noted yet. */
  int sweep(int index, int generation) {
    int tag = exchange(index, SWEPT);
    boolean isNoted = tag >>> 16 == (generation & 0xFFFF) && tag != SWEPT;
    return isNoted ? (tag & OWNER) - 1 : -1;
  }

  private int exchange(int index, int tag) {
    int[] row = rows.getAcquire(index >>> ROW_BITS);
    return (int)
        TAGS.getAndSet(row == null ? make(index >>> ROW_BITS) : row, index & (ROW - 1), tag);
  }

  private int[] make(int number) {
    int[] made = new int[rowLength];
    int[] other = rows.compareAndExchange(number, null, made);
    return other == null ? made : other;
  }

  /** Java heap taken, in bytes. */
  long bytes() {
    long bytes = 16 + 4L * rows.length();
    for (int row = 0; row < rows.length(); row++) {
      bytes += rows.getAcquire(row) == null ? 0 : 16 + 4L * rowLength;
    }
    return bytes;
  }
}
