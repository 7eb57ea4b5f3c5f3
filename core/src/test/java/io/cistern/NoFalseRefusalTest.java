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
 * Invariant 2 where it is hardest: the pool is all but exhausted, and every block is freed by
 * another thread than took it, so that it turns up in another magazine or tier. Each thread holds
 * one block at most and there is one more than all can hold, so no request may ever be refused.
 * Time budget: 5 seconds; {@code -Dcistern.loadMillis} makes it longer.
 */
@Timeout(120)
class NoFalseRefusalTest {
  private static final long NANOS = 1_000_000L * Long.getLong("cistern.loadMillis", 300);
  private static final int THREADS = 3;

  /** One for each thread, and one that is on its way from a thread to another. */
  private static final int FREE = THREADS + 1;

  static Stream<PoolKind> kinds() {
    return Stream.of(
        new PoolKind("small tier", b -> b.tier(64, 40)),
        new PoolKind("large tier", b -> b.tier(64, 65)),
        new PoolKind("four tiers of one", b -> fourTiers(b).spill(Spill.ANY)),
        new PoolKind("small and large", b -> b.tier(64, 2).tier(128, 65)),
        new PoolKind("large and small", b -> b.tier(64, 65).tier(128, 2)),
        new PoolKind("large and large", b -> b.tier(64, 65).tier(128, 65)));
  }

  private static MemoryPool.Builder fourTiers(MemoryPool.Builder b) {
    return b.tier(8, 1).tier(16, 1).tier(24, 1).tier(32, 1);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void platformThreads(PoolKind kind) throws Exception {
    assertNobodyIsRefused(kind, Thread.ofPlatform());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void virtualThreads(PoolKind kind) throws Exception {
    assertNobodyIsRefused(kind, Thread.ofVirtual());
  }

  private static void assertNobodyIsRefused(PoolKind kind, Thread.Builder threads)
      throws Exception {
    try (MemoryPool pool = kind.open()) {
      List<MemoryBlock> kept = keepAllBut(pool, FREE);
      AtomicLong onItsWay = new AtomicLong();
      AtomicLong refused = new AtomicLong();
      AtomicLong served = new AtomicLong();
      Threads.together(
          THREADS,
          threads,
          thread -> {
            for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
              for (int i = 0; i < 100; i++) {
                long handle = pool.tryAllocateHandle(1);
                (handle == MemoryPool.NO_HANDLE ? refused : served).incrementAndGet();
                pool.free(i % 3 == 0 ? handle : onItsWay.getAndSet(handle));
              }
            }
          });
      pool.free(onItsWay.get());
      kept.forEach(MemoryBlock::close);
      assertThat(refused.get()).as("refused, of %d", served.get()).isZero();
      MemoryPoolContract.assertInOrder(pool);
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
