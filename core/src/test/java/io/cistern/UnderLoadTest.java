package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What must hold at every moment while others allocate and free. Time budget: 4 seconds; {@code
 * -Dcistern.loadMillis} makes it longer.
 */
@Timeout(120)
class UnderLoadTest {
  private static final long NANOS = 1_000_000L * Long.getLong("cistern.loadMillis", 300);

  /** Runs the check again and again while six threads allocate and free. */
  private static void underLoad(MemoryPool pool, Runnable check) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<FutureTask<Boolean>> load = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      load.add(Threads.start(Thread.ofPlatform(), () -> pairsUntil(stop, pool)));
    }
    try {
      for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
        check.run();
      }
    } finally {
      stop.set(true);
      for (FutureTask<Boolean> thread : load) {
        Threads.get(thread);
      }
    }
    MemoryPoolContract.assertInOrder(pool);
  }

  private static boolean pairsUntil(AtomicBoolean stop, MemoryPool pool) {
    while (!stop.get()) {
      pool.free(pool.tryAllocateHandle(10));
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 32, 200})
  void verifyFindsNothingInAHealthyPool(int blocks) throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(64, blocks).build()) {
      underLoad(pool, () -> pool.verify().orThrow());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 32, 200})
  void figuresStayInRange(int blocks) throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(64, blocks).build()) {
      underLoad(pool, () -> assertInRange(pool.stats().tiers().getFirst()));
    }
  }

  private static void assertInRange(PoolStats.Tier tier) {
    if (tier.used() < 0
        || tier.used() > tier.total()
        || tier.used() + tier.free() != tier.total()
        || tier.peakUsed() > tier.total()
        || tier.allocations() < tier.frees()
        || tier.requestedBytes() > tier.grantedBytes()) {
      throw new AssertionError(tier.toString());
    }
  }

  /**
   * A close that is refused hides blocks for a moment, here for as long as it takes to walk a large
   * tier up to its last block, which is live; nobody is refused for that.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 100})
  void aRefusedCloseRefusesNobody(int blocks) throws Exception {
    try (MemoryPool pool =
        MemoryPool.builder().tier(64, blocks).tier(128, 20_000).spill(Spill.OFF).build()) {
      long[] all = new long[20_000];
      pool.tryAllocateHandles(128, all, 0, all.length);
      Arrays.sort(all);
      pool.free(all, 0, all.length - 1);
      AtomicBoolean stop = new AtomicBoolean();
      FutureTask<Boolean> closer = Threads.start(Thread.ofPlatform(), () -> closeUntil(stop, pool));
      for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
        pool.free(pool.allocateHandle(64));
      }
      stop.set(true);
      Threads.get(closer);
      pool.free(all, all.length - 1, 1);
    }
  }

  private static boolean closeUntil(AtomicBoolean stop, MemoryPool pool) {
    while (!stop.get()) {
      try {
        pool.close();
        throw new AssertionError("closed with a live block");
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("stays open");
      }
    }
    return true;
  }

  /** Two frees of one handle at once, where free zeroes: the next owner's data must stay. */
  @Test
  void aSecondFreeDoesNotZeroTheNextOwnersBlock() throws Exception {
    int size = 1 << 20;
    try (MemoryPool pool = MemoryPool.builder().tier(size, 1).zeroing(Zeroing.ON_FREE).build()) {
      for (int round = 0; round < 100; round++) {
        long handle = pool.allocateHandle(size);
        CyclicBarrier start = new CyclicBarrier(3);
        List<FutureTask<Boolean>> frees = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          frees.add(Threads.start(Thread.ofPlatform(), () -> freeAt(start, pool, handle)));
        }
        start.await();
        long next = pool.tryAllocateHandle(size);
        while (next == MemoryPool.NO_HANDLE) {
          next = pool.tryAllocateHandle(size);
        }
        MemorySegment memory = pool.segment(next);
        memory.fill((byte) 7);
        assertThat(Threads.get(frees.get(0)) ^ Threads.get(frees.get(1))).isTrue();
        assertThat(memory.mismatch(MemorySegment.ofArray(sevens(size)))).isEqualTo(-1);
        pool.free(next);
      }
    }
  }

  private static byte[] sevens(int size) {
    byte[] sevens = new byte[size];
    Arrays.fill(sevens, (byte) 7);
    return sevens;
  }

  private static boolean freeAt(CyclicBarrier start, MemoryPool pool, long handle)
      throws Exception {
    start.await();
    try {
      pool.free(handle);
      return true;
    } catch (InvalidFreeException refused) {
      return false;
    }
  }

  /** A thread that only looks must see that another one has freed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void aFreeIsSeenByWhoeverLooks(int blocks) throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(64, blocks).build()) {
      for (int round = 0; round < 3; round++) {
        MemoryBlock block = pool.allocate(1);
        FutureTask<Long> byHandle =
            Threads.start(Thread.ofPlatform(), () -> looks(pool, block.handle()));
        FutureTask<Long> byBlock = Threads.start(Thread.ofPlatform(), () -> looks(block));
        long started = System.nanoTime();
        Threads.until("both look", () -> System.nanoTime() - started > 100_000_000);
        block.close();
        assertThat(Threads.get(byHandle)).isPositive();
        assertThat(Threads.get(byBlock)).isPositive();
      }
    }
  }

  private static long looks(MemoryPool pool, long handle) {
    long looks = 1;
    while (pool.isLive(handle)) {
      looks++;
    }
    return looks;
  }

  private static long looks(MemoryBlock block) {
    long looks = 1;
    while (block.isLive()) {
      looks++;
    }
    return looks;
  }
}
