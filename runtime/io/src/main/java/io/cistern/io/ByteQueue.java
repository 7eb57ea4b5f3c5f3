package io.cistern.io;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * First in, first out, of bytes in equal blocks of a pool. For one thread at a time.
 *
 * <pre>
 *   [ · · r r r r ][ r r r r r r ][ r r r + + + ]      · was read   r to be read   + room
 *         ▲ first    ◄──── size ────►
 *
 *   first + size + room = blocks × blockBytes
 *   0 ≤ size ≤ mostBytes,  0 ≤ first &lt; blockBytes,  and first = 0 when size = 0
 *   between calls: blocks = max(least, ⌈(first + size) / blockBytes⌉), or least when size = 0
 * </pre>
 *
 * Bytes come in three steps: blocks are added until there is room, bytes are copied behind the
 * last, and {@link #commit} makes them count and frees what was added in vain. Whatever goes wrong
 * on the way, a commit of what has arrived (nothing, perhaps) brings the equations back. Bytes go
 * in two: they are copied, then {@link #release} frees the blocks in which nothing is left to be
 * read. So an exception never loses a byte, nor a block.
 *
 * <p>{@link #position} counts what was released since the beginning: it names a byte for ever.
 */
final class ByteQueue {
  private final String what;
  private final MemoryPool pool;
  private final int blockBytes;
  private final long mostBytes;

  /** Blocks that stay when they are empty. */
  private int least;

  private final BlockRing blocks = new BlockRing();
  private long first;
  private long size;
  private long position;

  ByteQueue(String what, MemoryPool pool, int blockBytes, long mostBytes) {
    if (blockBytes < 1 || blockBytes > pool.maxSize()) {
      throw new IllegalArgumentException(
          "%s: blocks of %d B: must be from 1 to the pool's largest, %d B"
              .formatted(what, blockBytes, pool.maxSize()));
    }
    if (mostBytes < 1) {
      throw new IllegalArgumentException(
          "%s: limit of %d B: must be at least 1".formatted(what, mostBytes));
    }
    this.what = what;
    this.pool = pool;
    this.blockBytes = blockBytes;
    this.mostBytes = mostBytes;
  }

  long size() {
    return size;
  }

  long position() {
    return position;
  }

  int blocks() {
    return blocks.count();
  }

  int blockBytes() {
    return blockBytes;
  }

  long mostBytes() {
    return mostBytes;
  }

  /** Bytes that fit into the blocks there are. */
  long room() {
    return ((long) blocks.count() * blockBytes) - first - size;
  }

  /** Takes a block that stays; throws when the pool is exhausted. */
  void keepOne() {
    blocks.add(pool.allocate(blockBytes));
    least = 1;
  }

  /** All of the bytes, or none and an exception. */
  void append(MemorySegment source, long from, long bytes) {
    demand(bytes);
    fill(source, from, bytes);
  }

  /** All of the bytes, or none and false. */
  boolean tryAppend(MemorySegment source, long from, long bytes) {
    if (bytes > mostBytes - size || !extend(bytes, false)) {
      return false;
    }
    fill(source, from, bytes);
    return true;
  }

  /** As many of the bytes as there is room for, or as blocks can be had for. */
  long appendSome(MemorySegment source, long from, long bytes) {
    long some = reserveSome(bytes);
    fill(source, from, some);
    return some;
  }

  void append(byte value) {
    demand(1);
    long at = first + size;
    blocks.segment((int) (at / blockBytes)).set(ValueLayout.JAVA_BYTE, at % blockBytes, value);
    size++;
  }

  private void fill(MemorySegment source, long from, long bytes) {
    long filled = 0;
    try {
      copyIn(source, from, bytes);
      filled = bytes;
    } finally {
      commit(filled);
    }
  }

  /** Adds blocks until there is room for so many bytes, or throws and leaves all as it was. */
  void demand(long bytes) {
    if (bytes > mostBytes - size) {
      throw new ChainFullException(what, bytes, size, mostBytes);
    }
    extend(bytes, true);
  }

  private boolean extend(long bytes, boolean demanded) {
    boolean enough = false;
    try {
      while (room() < bytes) {
        MemoryBlock block = demanded ? pool.allocate(blockBytes) : pool.tryAllocate(blockBytes);
        if (block == null) {
          return false;
        }
        blocks.add(block);
      }
      enough = true;
    } finally {
      if (!enough) {
        trim();
      }
    }
    return true;
  }

  /** Adds blocks for so many bytes, or as many as can be had; how many bytes there is room for. */
  long reserveSome(long bytes) {
    long wanted = Math.min(bytes, mostBytes - size);
    boolean done = false;
    try {
      while (room() < wanted) {
        MemoryBlock block = pool.tryAllocate(blockBytes);
        if (block == null) {
          break;
        }
        blocks.add(block);
      }
      done = true;
    } finally {
      if (!done) {
        trim();
      }
    }
    return Math.min(wanted, room());
  }

  /** So many bytes have arrived behind the last; blocks that they did not need are freed. */
  void commit(long bytes) {
    size += bytes;
    trim();
  }

  private void trim() {
    int needed = size == 0 ? 0 : Math.toIntExact((first + size + blockBytes - 1) / blockBytes);
    throwIfAny(blocks.freeLast(Math.max(0, blocks.count() - Math.max(least, needed))));
  }

  /**
   * Gives up the first bytes, and frees the blocks in which nothing is left to be read.
   *
   * @throws WrongThreadException when the pool is confined to another thread; nothing has changed
   */
  void release(long bytes) {
    boolean isAll = bytes == size;
    long read = isAll ? Math.max(0, blocks.count() - least) : (first + bytes) / blockBytes;
    RuntimeException failure = blocks.freeFirst((int) read);
    size -= bytes;
    position += bytes;
    first = isAll ? 0 : (first + bytes) % blockBytes;
    throwIfAny(failure);
  }

  private static void throwIfAny(@Nullable RuntimeException failure) {
    if (failure != null) {
      throw failure;
    }
  }

  /** Frees everything, also what was to stay. */
  void free() {
    least = 0;
    release(size);
  }

  byte get(long offset) {
    long at = first + offset;
    return blocks.segment((int) (at / blockBytes)).get(ValueLayout.JAVA_BYTE, at % blockBytes);
  }

  private void copyIn(MemorySegment source, long from, long bytes) {
    long at = first + size;
    for (long done = 0; done < bytes; ) {
      long within = (at + done) % blockBytes;
      long step = Math.min(bytes - done, blockBytes - within);
      MemorySegment block = blocks.segment((int) ((at + done) / blockBytes));
      MemorySegment.copy(source, from + done, block, within, step);
      done += step;
    }
  }

  /** Copies bytes from an offset counted from the first on; they stay. */
  void copyOut(long offset, MemorySegment target, long to, long bytes) {
    long at = first + offset;
    for (long done = 0; done < bytes; ) {
      long within = (at + done) % blockBytes;
      long step = Math.min(bytes - done, blockBytes - within);
      MemorySegment block = blocks.segment((int) ((at + done) / blockBytes));
      MemorySegment.copy(block, within, target, to + done, step);
      done += step;
    }
  }

  /**
   * Views of bytes from an offset on, one for each block, or as many as are wanted; the room behind
   * the last byte can be viewed too.
   */
  ByteBuffer[] buffers(long offset, long bytes, int most, boolean readOnly) {
    long at = first + offset;
    long end = at + bytes;
    int block = (int) (at / blockBytes);
    long spanned = bytes == 0 ? 0 : ((end - 1) / blockBytes) - block + 1;
    ByteBuffer[] buffers = new ByteBuffer[(int) Math.min(most, spanned)];
    for (int i = 0; i < buffers.length; i++, block++) {
      long start = (long) block * blockBytes;
      long from = Math.max(at, start) - start;
      long to = Math.min(end, start + blockBytes) - start;
      MemorySegment view = blocks.segment(block).asSlice(from, to - from);
      buffers[i] = (readOnly ? view.asReadOnly() : view).asByteBuffer();
    }
    return buffers;
  }

  /** BlockPins so many blocks, from that on in which the byte at an offset lies. */
  BlockPins pin(long offset, int count) {
    return BlockPins.of(blocks, (int) ((first + offset) / blockBytes), count);
  }

  /** Walks everything; throws when the equations above do not hold or a block is not live. */
  void verify() {
    long needed = size == 0 ? 0 : (first + size + blockBytes - 1) / blockBytes;
    check(size >= 0 && size <= mostBytes, "size");
    check(first >= 0 && first < blockBytes && (size > 0 || first == 0), "first");
    check(blocks.count() == Math.max(least, needed), "blocks");
    for (int i = 0; i < blocks.count(); i++) {
      check(blocks.block(i).isLive() && blocks.segment(i).byteSize() == blockBytes, "block " + i);
    }
  }

  private void check(boolean holds, String which) {
    if (!holds) {
      throw new IllegalStateException("wrong " + which + ": " + this);
    }
  }

  @Override
  public String toString() {
    return "%s: %d of %d B from %d on, in %d blocks of %d B"
        .formatted(what, size, mostBytes, first, blocks.count(), blockBytes);
  }
}
