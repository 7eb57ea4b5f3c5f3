package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Invariant 2 where it is hardest: the pool is all but exhausted and has one block more than its
 * threads can hold, so no request may ever be refused. One thread only takes, so that it always has
 * to look for a block elsewhere; what it takes is freed by a second one; that and a third one take
 * and free blocks of their own meanwhile, behind and before the searching one. Time budget: 2
 * seconds; {@code -Dcistern.loadMillis} makes it longer.
 */
@Timeout(120)
class NoFalseRefusalTest {
  private static final long NANOS = 1_000_000L * Long.getLong("cistern.loadMillis", 200);
  private static final int THREADS = 3;

  /** One for each thread, and one that is on its way from the first to the second. */
  private static final int FREE = THREADS + 1;

  static Stream<PoolKind> kinds() {
    return Stream.of(
        new PoolKind("small tier", b -> b.tier(64, 40)),
        new PoolKind("large tier", b -> b.tier(64, 65)),
        new PoolKind("any size", b -> b.variable(40 * 8)),
        new PoolKind("any size, few blocks", b -> b.variable(4096, 40)),
        new PoolKind("four tiers of one", b -> fourTiers(b).spill(Spill.ANY)),
        new PoolKind("small and large", b -> b.tier(64, 2).tier(128, 65)),
        new PoolKind("large and small", b -> b.tier(64, 65).tier(128, 2)),
        new PoolKind("large and large", b -> b.tier(64, 65).tier(128, 65)));
  }

  private static MemoryPool.Builder fourTiers(MemoryPool.Builder b) {
    return b.tier(8, 1).tier(16, 1).tier(24, 1).tier(32, 1);
  }

  private final AtomicLong onItsWay = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong served = new AtomicLong();

  @ParameterizedTest
  @MethodSource("kinds")
  void nobodyIsRefused(PoolKind kind) throws Exception {
    try (MemoryPool pool = kind.open()) {
      List<MemoryBlock> kept = keepAllBut(pool, FREE);
      long end = System.nanoTime() + NANOS;
      Threads.together(
          THREADS,
          Thread.ofPlatform(),
          thread -> {
            while (System.nanoTime() < end) {
              step(thread, pool, end);
            }
          });
      pool.free(onItsWay.get());
      kept.forEach(MemoryBlock::close);
      assertThat(refused.get()).as("refused, of %d", served.get()).isZero();
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  private void step(int thread, MemoryPool pool, long end) {
    long handle = pool.tryAllocateHandle(1);
    (handle == MemoryPool.NO_HANDLE ? refused : served).incrementAndGet();
    if (thread > 0) {
      pool.free(handle);
    }
    if (thread == 1) {
      pool.free(onItsWay.getAndSet(0));
    }
    if (thread == 0 && handle != MemoryPool.NO_HANDLE) {
      send(handle, pool, end);
    }
  }

  private void send(long handle, MemoryPool pool, long end) {
    while (!onItsWay.compareAndSet(0, handle)) {
      if (System.nanoTime() > end) {
        pool.free(handle);
        return;
      }
    }
  }

  /** Spread over the pool, so that every tier has one of those that are left free. */
  private static List<MemoryBlock> keepAllBut(MemoryPool pool, int free) {
    List<MemoryBlock> kept = new ArrayList<>();
    for (MemoryBlock b = pool.tryAllocate(1); b != null; b = pool.tryAllocate(1)) {
      kept.add(b);
    }
    int step = kept.size() / free;
    for (int i = free - 1; i >= 0; i--) {
      kept.remove(i * step).close();
    }
    return kept;
  }
}
