package io.cistern.netty;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.List;

/**
 * The pools of an allocator that was told nothing.
 *
 * <pre>
 * first   64 B to 64 KiB    7 MiB, there from the beginning, never more
 * more    64 B to 4 MiB     regions of 18 MiB, from none to half of the limit
 * fallback                  half of the limit: what is larger, or beyond all regions
 * </pre>
 *
 * <p>The limit is that which Netty keeps for direct memory. Tiers are powers of two, as the
 * capacities are that Netty asks for; a pool grows rather than to spend a block twice as large.
 */
final class DefaultPools {
  private static final int LARGEST_FIRST = 64 << 10;
  private static final int LARGEST = 4 << 20;
  private static final long LEAST_FALLBACK = 128L << 20;
  private static final int MOST_REGIONS = 100;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private DefaultPools() {}

  /** The first, and the one behind it. */
  static List<MemoryPool> open() {
    return open(PlatformDependent.maxDirectMemory());
  }

  static List<MemoryPool> open(long limit) {
    MemoryPool first = tiers("netty-first", LARGEST_FIRST, 1 << 20, 512).build();
    boolean opened = false;
    try {
      MemoryPool more = more(limit).build();
      opened = true;
      return List.of(first, more);
    } finally {
      if (!opened) {
        first.close();
      }
    }
  }

  private static MemoryPool.Builder more(long limit) {
    MemoryPool.Builder builder = tiers("netty", LARGEST, 1 << 20, 1024);
    long regions = Math.clamp(limit / 2 / builder.regionBytes(), 1, MOST_REGIONS);
    return builder.regions(0, (int) regions, IDLE).fallback(Math.max(limit / 2, LEAST_FALLBACK));
  }

  /** A tier for each power of two: of so many bytes, but from one to so many blocks. */
  private static MemoryPool.Builder tiers(String name, int largest, int bytes, int most) {
    MemoryPool.Builder builder = MemoryPool.builder().name(name).spill(Spill.OFF);
    for (int size = 64; size <= largest; size <<= 1) {
      builder.tier(size, Math.clamp(bytes / size, 1, most));
    }
    return builder;
  }
}
