package io.cistern.netty;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolStats;
import org.jspecify.annotations.Nullable;

/**
 * Where blocks come from: a pool, or two of them, a small one that is fast and one behind it that
 * grows.
 *
 * <pre>
 * take ──► first.poll, if there is one and the size is for it ──► pool.allocate
 *                                                                         └─► OutOfMemoryError
 * </pre>
 *
 * A pool that can grow, or take fallback memory, looks at more on every call than one that cannot;
 * so the allocator that is to serve any program has one of either kind.
 *
 * <p>What pools throw becomes what Netty's users expect. {@code OutOfDirectMemoryError} itself can
 * only be made by Netty; as it does, this throws an {@link OutOfMemoryError} that says how much was
 * asked for, and what was used of how much.
 */
final class BlockSupply {
  private final @Nullable MemoryPool first;
  private final long firstLargest;
  private final MemoryPool pool;

  BlockSupply(MemoryPool pool) {
    this(null, pool);
  }

  BlockSupply(@Nullable MemoryPool first, MemoryPool pool) {
    if (pool.isConfined()) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to a thread: Netty releases buffers on any thread, build the pool without confinedTo"
              .formatted(pool.name()));
    }
    this.first = first;
    this.firstLargest = first == null ? 0 : first.maxSize();
    this.pool = pool;
  }

  /** A block for a capacity; one of a byte for none. */
  MemoryBlock take(int capacity) {
    int size = Math.max(capacity, 1);
    if (first != null && size <= firstLargest) {
      MemoryBlock block = first.poll(size);
      if (block != null) {
        return block;
      }
    }
    try {
      return pool.allocate(size);
    } catch (PoolExhaustedException exhausted) {
      throw outOfMemory(size, String.valueOf(exhausted.getMessage()), exhausted);
    } catch (IllegalArgumentException refused) {
      throw tooLarge(size, refused);
    }
  }

  /** Gives a block more room where it lies; false when there is none. */
  boolean tryGrow(MemoryBlock block, int size) {
    long now = block.byteSize();
    boolean isFirst = now <= firstLargest; // or of the other pool, which has larger blocks
    return size > now && size <= (isFirst ? firstLargest : pool.maxSize()) && block.tryResize(size);
  }

  private Error tooLarge(int size, IllegalArgumentException refused) {
    long largest = pool.maxSize();
    if (size <= largest) {
      throw refused;
    }
    return outOfMemory(
        size, "pool '%s' serves at most %d B".formatted(pool.name(), largest), refused);
  }

  private Error outOfMemory(int size, String why, RuntimeException cause) {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "failed to allocate %d B of direct memory (used: %d B): %s"
                .formatted(size, usedBytes(), why));
    error.initCause(cause);
    return error;
  }

  /** Bytes in live blocks, fallback memory included. */
  long usedBytes() {
    return usedBytes(pool) + (first == null ? 0 : usedBytes(first));
  }

  private static long usedBytes(MemoryPool pool) {
    PoolStats stats = pool.stats();
    PoolStats.Fallback fallback = stats.fallback();
    return stats.usedBytes() + (fallback == null ? 0 : fallback.liveBytes());
  }
}
