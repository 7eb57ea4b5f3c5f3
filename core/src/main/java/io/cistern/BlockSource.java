package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.internal.Blocks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link MemoryBlock} came from and goes back to: it knows a block by its number and the
 * state word of its allocation.
 */
abstract sealed class BlockSource permits RegionBlocks, WrappedBlocks, FallbackBlocks {
  static final int NOT_INLINED = 2;

  private final PoolBase pool;

  BlockSource(PoolBase pool) {
    this.pool = pool;
  }

  /** The block's state word now: its owner's as long as the allocation is live. */
  abstract long word(int index);

  abstract long handle(int index, long word);

  abstract MemorySegment segment(int index, int size);

  abstract ByteBuffer byteBuffer(int index, int size);

  /**
   * Zeroes a block. HotSpot inlines a recursion once, so this is always a call: the code of a fill
   * is large, and would keep the allocation before it from being inlined itself, whose {@link
   * MemoryBlock} would then be an object even where it does not escape.
   */
  final void zero(int index, int size, int calls) {
    if (calls > 0) {
      zero(index, size, calls - 1);
    } else {
      Zeroes.fill(segment(index, size));
    }
  }

  /** Frees the allocation that the word names, or throws. */
  abstract void free(int index, long word);

  /** How many bytes the allocation that the word names has now; -1 when it is not live. */
  abstract int liveSize(int index, long word);

  /** As {@link #liveSize}, but throws when the allocation is not live. */
  final int checkedSize(int index, long word) {
    int now = liveSize(index, word);
    if (now < 0) {
      throw notLive(index, word);
    }
    return now;
  }

  /** Whether the allocation that the word names now has the given size. */
  abstract boolean tryResize(int index, long word, long size);

  /** A handle of the block's allocation was given out: it may be freed without its object. */
  void named(int index) {}

  /** Makes a live block nobody's until the pool is closed; false when its word is not that. */
  abstract boolean lose(int index, long word);

  /** Whether the allocation that the word names is live and pinned. */
  abstract boolean isPinned(int index, long word);

  /** Keeps an allocation from being freed until {@link #unpin}; false when it is not live. */
  abstract boolean pin(int index, long word);

  /** Undoes one {@link #pin}. */
  abstract void unpin(int index);

  /** Does a free that was put off; the word is the block's, being freed. */
  abstract void finishFree(int index, long marked);

  /** What a block is called in messages. */
  abstract String describe(int index, int generation);

  /** Throws what is wrong with a free by word, unless the pool was closed under its owner. */
  final void refuseFree(int index, long word) {
    boolean justFreed = Blocks.isReleased(word, word(index));
    throwUnlessClosed(
        justFreed ? Reason.DOUBLE_FREE : Reason.STALE, index, Blocks.generation(word));
  }

  /** Throws what is wrong with a free by handle, unless the pool was closed under its owner. */
  final void refuseFree(int index, int generation) {
    long current = word(index);
    boolean justFreed =
        !Blocks.isOwned(current)
            && Blocks.generation(current) == (current < 0 ? generation : generation + 1);
    throwUnlessClosed(justFreed ? Reason.DOUBLE_FREE : Reason.STALE, index, generation);
  }

  private void throwUnlessClosed(Reason reason, int index, int generation) {
    if (pool.isClosed()) {
      return;
    }
    String what = describe(index, generation) + " was freed before";
    throw pool.events.violation(
        reason,
        reason == Reason.DOUBLE_FREE ? what : what + ", and its block has had another owner since",
        reason == Reason.DOUBLE_FREE ? lastFree(index) : null);
  }

  /** Who freed a block last, if that is known. */
  @Nullable Throwable lastFree(int index) {
    return null;
  }

  final RuntimeException notLive(int index, long word) {
    return pool.isClosed()
        ? pool.closedException()
        : new IllegalStateException(describe(index, Blocks.generation(word)) + " was freed");
  }
}
