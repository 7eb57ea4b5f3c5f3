package io.cistern.jetty;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolStats;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Blocks for direct buffers: of one pool, or of a first one and, when that has none, of a second.
 *
 * <p>What is refused becomes the error that {@link java.nio.ByteBuffer#allocateDirect} throws when
 * the direct memory of the process is used up: who writes for Jetty knows no other.
 */
final class DirectMemory {
  private final MemoryPool pool;
  private final @Nullable MemoryPool beyond;

  /** The largest block of the (first) pool, fallback memory aside. */
  private final long largest;

  DirectMemory(MemoryPool pool, @Nullable MemoryPool beyond) {
    this.pool = checked(pool);
    this.beyond = beyond == null ? null : checked(beyond);
    this.largest = largestBlock(pool);
  }

  private static long largestBlock(MemoryPool pool) {
    List<PoolStats.Tier> tiers = pool.stats().tiers();
    return tiers.isEmpty() ? pool.maxSize() : tiers.getLast().blockSizeBytes();
  }

  private static MemoryPool checked(MemoryPool pool) {
    if (pool.isConfined()) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to a thread: Jetty releases buffers on other threads than it acquires them on"
              .formatted(pool.name()));
    }
    return pool;
  }

  List<MemoryPool> pools() {
    return beyond == null ? List.of(pool) : List.of(pool, beyond);
  }

  /**
   * A block for a buffer.
   *
   * @param size bytes that are needed
   * @param capacity bytes that are wanted, at least as many
   * @throws OutOfMemoryError when there is none
   */
  MemoryBlock allocate(int size, int capacity) {
    int wanted = capacity <= largest ? capacity : cut(size, capacity);
    if (beyond != null) {
      return allocate(size, wanted, beyond);
    }
    return wanted <= largest ? orThrow(pool, wanted) : allocateLarge(pool, size, wanted);
  }

  /** No fallback memory for what a block serves, only because less was needed than is wanted. */
  private int cut(int size, int capacity) {
    return size <= largest ? (int) largest : capacity;
  }

  private MemoryBlock allocate(int size, int wanted, MemoryPool second) {
    MemoryBlock block = wanted <= largest ? pool.poll(wanted) : null;
    return block == null ? allocateLarge(second, size, wanted) : block;
  }

  /** Looks at what the pool serves now, which its fallback limit may have changed. */
  private static MemoryBlock allocateLarge(MemoryPool from, int size, int wanted) {
    long most = from.maxSize();
    if (size > most) {
      throw new OutOfMemoryError(
          "cannot reserve %d B of direct memory: pool '%s' serves up to %d B"
              .formatted(size, from.name(), most));
    }
    return orThrow(from, (int) Math.min(wanted, most));
  }

  private static MemoryBlock orThrow(MemoryPool from, int bytes) {
    try {
      return from.allocate(bytes);
    } catch (PoolExhaustedException exhausted) {
      OutOfMemoryError error =
          new OutOfMemoryError(
              "cannot reserve %d B of direct memory: %s".formatted(bytes, exhausted.getMessage()));
      error.initCause(exhausted);
      throw error;
    }
  }

  // --- figures --------------------------------------------------------------------------------

  Stream<PoolStats> stats() {
    return pools().stream().filter(each -> !each.isClosed()).map(MemoryPool::stats);
  }

  long sum(ToLongFunction<PoolStats> figure) {
    return stats().mapToLong(figure).sum();
  }

  static long bytes(PoolStats stats) {
    return stats.usedBytes() + stats.freeBytes() + outsideBytes(stats);
  }

  static long outsideBytes(PoolStats stats) {
    PoolStats.Fallback outside = stats.fallback();
    return outside == null ? 0 : outside.liveBytes();
  }

  /** Closes both, live blocks or not. */
  void closeNow() {
    pools().forEach(MemoryPool::closeNow);
  }

  /** Closes what is open, the second pool first. */
  void close() {
    if (beyond != null) {
      beyond.close();
    }
    pool.close();
  }
}
