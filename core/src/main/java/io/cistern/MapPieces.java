package io.cistern;

import java.util.Arrays;

/**
 * The memory of a pool of variable size as pieces side by side, used and free, from its first byte
 * to its last.
 *
 * <pre>
 * sum of all sizes = bytes of the region
 * </pre>
 *
 * <p>Blocks are added in the order of their places. One that overlaps the one before it has moved
 * while they were read, and is left out.
 */
final class MapPieces {
  private static final int FREE = BlockMap.State.FREE.code();

  /** In place of a block's number: there is none. */
  static final int NO_BLOCK = -1;

  private final long bytes;
  private final long[] offsets;
  private final int[] blocks;
  private final int[] cells;
  private int count;
  private long end;

  MapPieces(long bytes, int used) {
    int most = 2 * used + 1;
    this.bytes = bytes;
    this.offsets = new long[most];
    this.blocks = new int[most];
    this.cells = new int[most];
  }

  void add(long offset, long length, int block, int cell) {
    if (offset < end || length <= 0 || length > bytes - offset) {
      return;
    }
    if (offset > end) {
      append(end, NO_BLOCK, FREE);
    }
    append(offset, block, cell);
    end = offset + length;
  }

  /** All were added: the rest is free. */
  void end() {
    if (end < bytes) {
      append(end, NO_BLOCK, FREE);
      end = bytes;
    }
  }

  private void append(long offset, int block, int cell) {
    offsets[count] = offset;
    blocks[count] = block;
    cells[count] = cell;
    count++;
  }

  int count() {
    return count;
  }

  void copyCells(int[] into, int first) {
    System.arraycopy(cells, 0, into, first, count);
  }

  long offset(int piece) {
    return offsets[piece];
  }

  long size(int piece) {
    return (piece + 1 < count ? offsets[piece + 1] : bytes) - offsets[piece];
  }

  /** The number of the block that it was, or {@link #NO_BLOCK}. */
  int block(int piece) {
    return blocks[piece];
  }

  @Override
  public String toString() {
    return "%d pieces: %s".formatted(count, Arrays.toString(Arrays.copyOf(offsets, count)));
  }
}
