package io.cistern.user;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.CheckLevel;
import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A program that allocates 100,000 blocks a second at five places, of which one forgets one block
 * in 10,000: it is told which. Of its 10 leaks a second one in 100 is sampled, so the first shows
 * after 10 s in the mean. Time budget: 30 s in the mean, 5 minutes at most.
 */
class LeakHuntTest {
  private static final int PER_MILLI = 100;
  private static final int LEAKS_ONE_IN = 10_000;
  private static final int BLOCKS = 8_000;
  private static final Duration OLD = Duration.ofSeconds(3);
  private static final int SITES = 5;

  private final MemoryPool.Builder builder = MemoryPool.builder().tier(256, BLOCKS);
  private long allocations;

  private static long first(MemoryPool pool) {
    return pool.allocateHandle(100);
  }

  private static long second(MemoryPool pool) {
    return pool.allocateHandle(200);
  }

  private static long third(MemoryPool pool) {
    return pool.allocateHandle(30);
  }

  private static long fourth(MemoryPool pool) {
    return pool.allocateHandle(256);
  }

  private static long fifth(MemoryPool pool) {
    return pool.allocateHandle(1);
  }

  private long allocate(MemoryPool pool) {
    return switch ((int) (allocations % SITES)) {
      case 0 -> first(pool);
      case 1 -> second(pool);
      case 2 -> third(pool);
      case 3 -> fourth(pool);
      default -> fifth(pool);
    };
  }

  /** A millisecond's work; one allocation in 10,000 is forgotten, always at the third place. */
  private void work(MemoryPool pool) {
    for (int i = 0; i < PER_MILLI; i++) {
      long handle = allocate(pool);
      if (allocations % LEAKS_ONE_IN != 2) {
        pool.free(handle);
      }
      allocations++;
    }
  }

  private LeakReport workUntilTold(MemoryPool pool, Duration old) {
    long next = System.nanoTime();
    LeakReport report = pool.report(old);
    while (report.isEmpty()) {
      for (int millis = 0; millis < 1000; millis++) {
        work(pool);
        next = Math.max(next + 1_000_000, System.nanoTime() - 1_000_000_000);
        LockSupport.parkNanos(next - System.nanoTime());
      }
      report = pool.report(old);
    }
    return report;
  }

  private static String place(LeakReport report) {
    return report.sites().getFirst().stack().getFirst().getMethodName();
  }

  @Test
  @Timeout(300)
  void byASampleOfTheAllocations() {
    MemoryPool pool = builder.build();
    try {
      LeakReport report = workUntilTold(pool, OLD);
      assertThat(report.complete()).isFalse();
      assertThat(place(report)).isEqualTo("third");
      assertThat(report.toString()).contains("LeakHuntTest.third(LeakHuntTest.java:");
    } finally {
      pool.closeNow();
    }
  }

  @Test
  @Timeout(60)
  void atOnceWhereEveryAllocationIsKept() {
    MemoryPool pool = builder.checks(CheckLevel.CHECKED).build();
    try {
      while (allocations < LEAKS_ONE_IN) {
        work(pool);
      }
      LeakReport report = pool.report(Duration.ZERO);
      assertThat(report.complete()).isTrue();
      assertThat(report.blocks()).isEqualTo(1);
      assertThat(place(report)).isEqualTo("third");
    } finally {
      pool.closeNow();
    }
  }
}
