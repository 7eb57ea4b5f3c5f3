package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two threads race for the last byte of a quota, a reserve, a limit of fallback memory: there is
 * room for one of them, and each counts what it has beside the pool. Some 10 million tries in all;
 * fewer of fallback memory, which costs some 50 &micro;s each. Time budget: 12 seconds.
 */
@Timeout(120)
class LastByteTest {
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong granted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  /** Each thread has one block at most; never may both have one, since there is room for one. */
  private void race(MemoryPool pool, long size, int tries, ToLongFunction<MemoryPool> looked)
      throws Exception {
    Threads.together(
        2,
        Thread.ofPlatform(),
        thread -> {
          long mine = 0;
          for (int i = 0; i < tries; i++) {
            long handle = pool.tryAllocateHandle(size);
            if (handle == MemoryPool.NO_HANDLE) {
              continue;
            }
            mine++;
            long now = held.incrementAndGet();
            long figure = (i & 63) == 0 ? looked.applyAsLong(pool) : 0;
            if (now > 1 || figure > size) {
              throw new AssertionError(now + " blocks of " + size + " B, " + figure + " B used");
            }
            held.decrementAndGet();
            pool.free(handle);
          }
          granted.addAndGet(mine);
          refused.addAndGet(tries - mine);
        });
    assertThat(granted.get()).isPositive();
    assertThat(held).hasValue(0);
  }

  private static void assertNothingIsLive(PoolManager manager) {
    for (MemoryPool pool : manager.pools()) {
      MemoryPoolContract.assertInOrder(pool);
    }
    assertThat(manager.verify()).allMatch(VerifyReport::ok);
    assertThat(manager.quota("").usedBytes()).isZero();
    manager.close();
    assertThat(manager.budgetUsedBytes()).isLessThanOrEqualTo(64);
  }

  private static PoolManager open(MemoryPool.Builder pool) {
    return PoolManager.builder()
        .pool("p", pool)
        .quota("q", 64, 0, false)
        .quota("alarm", 1 << 20, 0, true)
        .quota("log", 1 << 20, 0, false)
        .build();
  }

  @Test
  void ofAQuota() throws Exception {
    PoolManager manager = open(MemoryPool.builder().tier(64, 100));
    Quota quota = manager.quota("q");
    race(manager.pool("p").chargedTo(quota), 64, 2_000_000, pool -> quota.usedBytes());
    assertThat(quota.peakBytes()).isEqualTo(64);
    assertThat(quota.failed()).isEqualTo(refused.get());
    assertNothingIsLive(manager);
  }

  @Test
  void ofAQuotaOfAnySize() throws Exception {
    PoolManager manager = open(MemoryPool.builder().variable(4096));
    Quota quota = manager.quota("q");
    race(manager.pool("p").chargedTo(quota), 64, 1_500_000, pool -> quota.usedBytes());
    assertThat(quota.peakBytes()).isEqualTo(64);
    assertNothingIsLive(manager);
  }

  @Test
  void ofWhatAReserveLeaves() throws Exception {
    PoolManager manager = open(MemoryPool.builder().tier(64, 10).reserve(9 * 64));
    MemoryPool log = manager.pool("p").chargedTo(manager.quota("log"));
    race(log, 64, 2_000_000, pool -> 64L * pool.usedBlocks(64));
    for (int i = 0; i < 10; i++) {
      assertThat(manager.pool("p").chargedTo(manager.quota("alarm")).tryAllocate(64)).isNotNull();
    }
    manager.closeNow();
    assertThat(manager.quota("").usedBytes()).isZero();
  }

  @Test
  void ofFallbackMemory() throws Exception {
    PoolManager manager = open(MemoryPool.builder().tier(64, 1).enabled(false).fallback(64));
    race(
        manager.pool("p").chargedTo(manager.quota("log")),
        64,
        20_000,
        pool -> requireNonNull(pool.stats().fallback()).liveBytes());
    assertNothingIsLive(manager);
  }
}
