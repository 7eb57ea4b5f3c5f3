package io.cistern.jetty;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The pools of a {@link CisternByteBufferPool} that was given none: a first one of fixed size,
 * whose blocks cost least, and behind it one that grows by regions and gives them back, and that
 * has fallback memory for what is larger than any block. Tiers are of the capacities that Jetty
 * asks for most. Those of the first pool, but for the largest, have more than 64 blocks, from where
 * on threads have magazines; of a region, each has the same share of the bytes.
 *
 * <p>Who forgets to close a {@code CisternByteBufferPool} loses its pools when it is collected, as
 * with Jetty's own. A process has numbers for 255 pools only: when there is none left the garbage
 * collector is asked first, as the JDK does when direct memory runs out.
 */
final class DefaultPools {
  private static final int[] TIERS = {4096, 8192, 16_384, 32_768, 65_536};
  private static final int[] FIRST_COUNTS = {256, 128, 96, 72, 16};
  private static final long LEAST_GROWTH_BYTES = 64 << 20;
  private static final long MOST_GROWTH_BYTES = 1 << 30;
  private static final int REGIONS = 16;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int PATIENCE_MILLIS = 1000;
  private static final Cleaner CLEANER = Cleaner.create();

  private DefaultPools() {}

  /** Opens both. */
  static DirectMemory open() {
    try {
      return openNow();
    } catch (IllegalStateException noNumber) {
      return openOnceOthersAreCollected(noNumber);
    }
  }

  /** Closes pools when their user is collected, at the latest. */
  static void closeWith(Object user, DirectMemory pools) {
    CLEANER.register(user, pools::closeNow);
  }

  private static DirectMemory openOnceOthersAreCollected(IllegalStateException noNumber) {
    System.gc();
    for (int i = 0; i < PATIENCE_MILLIS; i++) {
      LockSupport.parkNanos(1_000_000);
      try {
        return openNow();
      } catch (IllegalStateException stillNone) {
        // the cleaner is not done yet, or nobody has forgotten any
      }
    }
    throw noNumber;
  }

  private static DirectMemory openNow() {
    MemoryPool first = first();
    boolean opened = false;
    try {
      DirectMemory both = new DirectMemory(first, growing());
      opened = true;
      return both;
    } finally {
      if (!opened) {
        first.close();
      }
    }
  }

  /**
   * 6.75 MiB, taken at once. Full tiers do not spill: what they cannot serve the other pool does.
   */
  private static MemoryPool first() {
    MemoryPool.Builder builder = MemoryPool.builder().name("jetty").spill(Spill.OFF);
    for (int i = 0; i < TIERS.length; i++) {
      builder.tier(TIERS[i], FIRST_COUNTS[i]);
    }
    return builder.build();
  }

  /**
   * Nothing at first; up to a quarter of what the Java heap may have, from 64 MiB to 1 GiB, in
   * regions, and as much fallback memory.
   */
  private static MemoryPool growing() {
    long bytes = growthBytes(Runtime.getRuntime().maxMemory());
    MemoryPool.Builder builder = MemoryPool.builder().name("jetty-growth");
    for (int size : TIERS) {
      builder.tier(size, Math.toIntExact(bytes / REGIONS / TIERS.length / size));
    }
    return builder.regions(0, REGIONS, IDLE).fallback(bytes).build();
  }

  static long growthBytes(long maxHeapBytes) {
    return Math.clamp(maxHeapBytes / 4, LEAST_GROWTH_BYTES, MOST_GROWTH_BYTES);
  }
}
