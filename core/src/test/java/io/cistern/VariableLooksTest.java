package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.internal.BiasedLock;
import io.cistern.internal.Peek;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Figures of a pool of any size are had without its lock: this thread is inside it while another
 * one looks. Nor does a look take the lock's bias away from the pool's usual user. Time budget: 3
 * seconds; {@code -Dcistern.loadMillis} makes it longer.
 */
class VariableLooksTest {
  private static final long NANOS = 1_000_000L * Long.getLong("cistern.loadMillis", 500);

  private final MemoryPool pool = MemoryPool.builder().name("p").variable(1 << 16).build();
  private final MemoryBlock live = pool.allocate(100);
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  private BiasedLock lock() {
    return (BiasedLock) Peek.get(Peek.get(pool, "blocks"), "lock");
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    other.close();
    live.close();
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private void look() {
    PoolStats stats = pool.stats();
    assertThat(stats.used()).isEqualTo(1);
    assertThat(stats.usedBytes()).isEqualTo(104);
    assertThat(pool.usedBlocks(1)).isEqualTo(1);
    assertThat(pool.freeBlocks(1 << 15)).isEqualTo(1);
    assertThat(pool.dump()).contains("oldest of 1 live blocks");
    assertThat(pool.isLive(live.handle())).isTrue();
    assertThat(pool.byteSize(live.handle())).isEqualTo(100);
    assertThat(live.segment().byteSize()).isEqualTo(100);
    assertThat(pool.isClosed()).isFalse();
  }

  @Test
  void whileSomebodyIsInsideTheLock() throws Exception {
    assertThat(pool.stats().used()).isEqualTo(1);
    pool.free(pool.allocateHandle(8)); // so that figures are noted with the live block in them
    BiasedLock lock = lock();
    Threads.until("a tick later", () -> notesFigures());
    boolean plain = lock.lock();
    try {
      other.submit(this::look).get(10, TimeUnit.SECONDS);
    } finally {
      lock.unlock(plain);
    }
  }

  /** The first operation of a tick notes figures; whether those show the live block alone. */
  private boolean notesFigures() {
    pool.free(pool.allocateHandle(8));
    BiasedLock lock = lock();
    boolean plain = lock.lock();
    try {
      return pool.stats().used() == 1;
    } finally {
      lock.unlock(plain);
    }
  }

  @Test
  void theBiasStaysWhereItIs() throws Exception {
    pool.free(pool.allocateHandle(8));
    assertThat(biased()).isEqualTo(Thread.currentThread());
    other.submit(this::look).get(10, TimeUnit.SECONDS);
    assertThat(biased()).isEqualTo(Thread.currentThread());
    other.submit(() -> pool.free(pool.allocateHandle(8))).get(10, TimeUnit.SECONDS);
    assertThat(biased()).as("an allocation takes it away").isNull();
  }

  private Object biased() {
    return Peek.get(Peek.get(lock(), "turn"), "thread");
  }

  @Test
  void underLoadEveryLookIsOfOneMoment() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    FutureTask<Boolean> one = Threads.start(Thread.ofPlatform(), () -> work(stop, 1));
    FutureTask<Boolean> two = Threads.start(Thread.ofPlatform(), () -> work(stop, 2));
    long allocations = 0;
    for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
      PoolStats stats = pool.stats();
      PoolStats.Variable seen = Objects.requireNonNull(stats.variable());
      assertThat(seen.usedBytes() + seen.freeBytes()).isEqualTo(1 << 16);
      assertThat(seen.allocations() - seen.frees()).isEqualTo(seen.usedBlocks());
      assertThat(seen.largestFreeBytes()).isLessThanOrEqualTo(seen.freeBytes());
      assertThat(seen.freeBytesFrom().getFirst()).as("may be older").isBetween(0L, 1L << 16);
      assertThat(seen.reachabilityGapBytes()).isZero();
      assertThat(seen.peakUsedBytes()).isBetween(seen.usedBytes(), 1L << 16);
      assertThat(seen.grantedBytes()).isGreaterThanOrEqualTo(seen.requestedBytes());
      assertThat(seen.freePieces()).isBetween(0, seen.usedBlocks() + 1);
      allocations = Math.max(allocations, seen.allocations());
    }
    stop.set(true);
    assertThat(Threads.get(one) && Threads.get(two)).isTrue();
    assertThat(allocations).as("looks go on").isGreaterThan(1_000);
  }

  private boolean work(AtomicBoolean stop, int seed) {
    long[] held = new long[16];
    for (int i = seed; !stop.get(); i++) {
      int slot = i * 7 % held.length;
      pool.free(held[slot]);
      held[slot] = pool.tryAllocateHandle(1 + (i * 37L & 0xFFF));
    }
    pool.free(held, 0, held.length);
    return true;
  }

  @Test
  void verifyUnderLoadFindsNothing() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    FutureTask<Boolean> one = Threads.start(Thread.ofPlatform(), () -> work(stop, 1));
    for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
      assertThat(pool.verify().orThrow().blocks()).isBetween(1L, 17L);
    }
    stop.set(true);
    assertThat(Threads.get(one)).isTrue();
  }
}
