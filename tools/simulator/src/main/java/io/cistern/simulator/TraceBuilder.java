package io.cistern.simulator;

import java.util.Arrays;

/**
 * Collects the operations of a {@link Trace} and follows what is live.
 *
 * <p>An operation is answered with what is wrong with it; unless that is nothing, nothing has
 * changed. So the caller, who knows the line, makes the message.
 */
final class TraceBuilder {
  /** What becomes of an array that is full. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private static final int FREED = -1;

  private final IdTable ids = new IdTable();
  private int[] blocks = new int[1024];
  private int[] sizes = new int[1024];
  private int operations;

  /** Bytes of each block by its number; {@link #FREED} once it is. */
  private int[] live = new int[256];

  private int blockCount;
  private int liveBlocks;
  private int peakLiveBlocks;
  private long liveBytes;
  private long peakLiveBytes;
  private int largest;

  /** Whether one more operation can be taken. */
  boolean isFull() {
    return operations == LONGEST;
  }

  Refusal allocate(long id, int size) {
    int known = ids.find(id);
    if (known != IdTable.NONE) {
      return live[known] == FREED ? Refusal.FREED_ID_USED_AGAIN : Refusal.LIVE_ID_USED_AGAIN;
    }
    if (blockCount == live.length) {
      live = Arrays.copyOf(live, grown(blockCount));
    }
    ids.put(id, blockCount);
    live[blockCount] = size;
    liveBlocks++;
    peakLiveBlocks = Math.max(peakLiveBlocks, liveBlocks);
    add(blockCount, least(size), size);
    blockCount++;
    return Refusal.NONE;
  }

  Refusal resize(long id, int size) {
    int block = ids.find(id);
    if (block == IdTable.NONE || live[block] == FREED) {
      return block == IdTable.NONE ? Refusal.UNKNOWN_ID : Refusal.FREED_ID;
    }
    add(block, -least(size), size - live[block]);
    live[block] = size;
    return Refusal.NONE;
  }

  Refusal free(long id) {
    int block = ids.find(id);
    if (block == IdTable.NONE || live[block] == FREED) {
      return block == IdTable.NONE ? Refusal.UNKNOWN_ID : Refusal.FREED_ID;
    }
    add(block, 0, -live[block]);
    live[block] = FREED;
    liveBlocks--;
    return Refusal.NONE;
  }

  /** What can be wrong with an operation on an id. */
  enum Refusal {
    NONE,
    LIVE_ID_USED_AGAIN,
    FREED_ID_USED_AGAIN,
    UNKNOWN_ID,
    FREED_ID
  }

  /** Nothing is allocated as a byte: as in C it has a place of its own. */
  private static int least(int size) {
    return Math.max(1, size);
  }

  private void add(int block, int size, int growth) {
    if (operations == sizes.length) {
      int length = grown(operations);
      blocks = Arrays.copyOf(blocks, length);
      sizes = Arrays.copyOf(sizes, length);
    }
    blocks[operations] = block;
    sizes[operations] = size;
    operations++;
    liveBytes += growth;
    peakLiveBytes = Math.max(peakLiveBytes, liveBytes);
    largest = Math.max(largest, Math.abs(size));
  }

  private static int grown(int length) {
    return (int) Math.min(LONGEST, length + (length >> 1) + 1L);
  }

  int[] blocks() {
    return Arrays.copyOf(blocks, operations);
  }

  int[] sizes() {
    return Arrays.copyOf(sizes, operations);
  }

  int operations() {
    return operations;
  }

  int blockCount() {
    return blockCount;
  }

  long peakLiveBytes() {
    return peakLiveBytes;
  }

  int peakLiveBlocks() {
    return peakLiveBlocks;
  }

  int largest() {
    return largest;
  }
}
