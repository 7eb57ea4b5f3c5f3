package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The patterns of load that the reference systems run: threads, worst cases, torture, times. */
final class Load {
  /** Seed of all random patterns; fixed, so that a failure comes again. */
  private static final long SEED = 1;

  /** Rounds whose times are averaged, after as many that warm up. */
  private static final int TIMED_ROUNDS = 2000;

  /** Operations of each kind that the pool itself must have timed. */
  private static final int SAMPLES = 10;

  private Load() {}

  /**
   * Each thread takes a block of every tier in each iteration, tags it, looks at the tag and frees
   * it. Gives the number of blocks whose tag was found as it was written.
   */
  static double threads(MemoryPool pool, int threads, int iterations) throws Exception {
    Callable<Integer> worker =
        () -> {
          int intact = 0;
          Held held = new Held(pool);
          for (int i = 0; i < iterations; i++) {
            pool.stats().tiers().forEach(tier -> held.take(tier.blockSizeBytes()));
            intact += held.count();
            held.freeAll();
          }
          return intact;
        };
    int intact = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (Future<Integer> done : executor.invokeAll(Collections.nCopies(threads, worker))) {
        intact += done.get();
      }
    }
    return intact;
  }

  /**
   * Every block taken in random order of tiers, every second one freed, and the holes taken again:
   * the pattern that fragments a general heap. Gives the number of requests that failed.
   */
  static double worstCase(MemoryPool pool, int iterations) {
    Random random = new Random(SEED);
    List<Long> sizes = blockSizes(pool);
    Held held = new Held(pool);
    for (int i = 0; i < iterations; i++) {
      Collections.shuffle(sizes, random);
      sizes.forEach(held::take);
      held.shuffle(random);
      held.freeEverySecond();
      takeEveryFreeBlock(pool, held);
      held.shuffle(random);
      held.freeAll();
    }
    return pool.stats().failed();
  }

  /**
   * Random takes and frees, then every free block is taken. Gives the number of free blocks that
   * could not be had.
   */
  static double strandedAfterChurn(MemoryPool pool, int operations) {
    Random random = new Random(SEED);
    Held held = new Held(pool);
    for (int i = 0; i < operations; i++) {
      if (held.count() > 0 && random.nextInt(2) == 0) {
        held.freeAny(random);
      } else {
        held.tryTake(random.nextLong(pool.maxSize()) + 1);
      }
    }
    takeEveryFreeBlock(pool, held);
    double stranded = pool.stats().free();
    held.freeAll();
    return stranded;
  }

  /**
   * The torture of R3, as SPEC.md gives it: 100 requests of 32 to 4095 B, many of them refused;
   * those with an even index freed; one request of the largest block, which must succeed; all
   * freed. Gives the rounds that succeeded.
   */
  static double torture(MemoryPool pool, int rounds) {
    Random random = new Random(SEED);
    long[] handles = new long[100];
    for (int round = 1; round <= rounds; round++) {
      for (int i = 0; i < handles.length; i++) {
        handles[i] = pool.tryAllocateHandle(random.nextInt(32, 4096));
      }
      for (int i = 0; i < handles.length; i += 2) {
        pool.free(handles[i]);
      }
      long large = pool.tryAllocateHandle(4096);
      String where = "round %d of seed %d".formatted(round, SEED);
      Expect.that(large != MemoryPool.NO_HANDLE, where + ": no block of 4096 B is free");
      pool.free(large);
      for (int i = 1; i < handles.length; i += 2) {
        pool.free(handles[i]);
      }
      Expect.equal("live blocks after " + where, 0, pool.stats().used());
    }
    return rounds;
  }

  /**
   * Measures whole rounds in which every block is taken and freed. The pool's own sampled times
   * must be there and their medians keep the bar too. Gives the average of allocations or that of
   * frees, whichever is more.
   */
  static double slowerAverageMicros(MemoryPool pool) {
    long[] sizes = blockSizes(pool).stream().mapToLong(Long::longValue).toArray();
    timed(pool, sizes, TIMED_ROUNDS);
    double micros = timed(pool, sizes, TIMED_ROUNDS);
    untilSampled(pool, sizes);
    PoolStats stats = pool.stats();
    expectSampled("allocate", stats.allocateTime());
    expectSampled("free", stats.freeTime());
    return micros;
  }

  private static double timed(MemoryPool pool, long[] sizes, int rounds) {
    long[] handles = new long[sizes.length];
    long allocating = 0;
    long freeing = 0;
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < sizes.length; i++) {
        handles[i] = pool.allocateHandle(sizes[i]);
      }
      long middle = System.nanoTime();
      for (long handle : handles) {
        pool.free(handle);
      }
      allocating += middle - start;
      freeing += System.nanoTime() - middle;
    }
    return Math.max(allocating, freeing) / 1e3 / rounds / sizes.length;
  }

  /**
   * Goes on until the pool, which times one operation a clock tick, has some samples; gives up
   * after two seconds.
   */
  private static void untilSampled(MemoryPool pool, long[] sizes) {
    long deadline = System.nanoTime() + 2_000_000_000L;
    while (fewestSamples(pool.stats()) < SAMPLES && System.nanoTime() < deadline) {
      timed(pool, sizes, 10);
    }
  }

  private static long fewestSamples(PoolStats stats) {
    return Math.min(stats.allocateTime().samples(), stats.freeTime().samples());
  }

  private static void expectSampled(String operation, PoolStats.Timing timing) {
    String what = "the pool's own " + operation + " time: ";
    Expect.that(
        timing.samples() >= SAMPLES,
        what + timing.samples() + " samples, expected at least " + SAMPLES);
    Expect.that(timing.meanNs() > 0, what + "average " + timing.meanNs() + " ns");
    Expect.that(
        timing.p50Ns() < 100_000,
        what + "median " + timing.p50Ns() + " ns, allowed is < 100000 ns");
  }

  private static void takeEveryFreeBlock(MemoryPool pool, Held held) {
    for (PoolStats.Tier tier : pool.stats().tiers().reversed()) {
      held.take(tier.free(), tier.blockSizeBytes());
    }
  }

  /** The block size of every block. */
  private static List<Long> blockSizes(MemoryPool pool) {
    List<Long> sizes = new ArrayList<>();
    pool.stats()
        .tiers()
        .forEach(tier -> sizes.addAll(Collections.nCopies(tier.total(), tier.blockSizeBytes())));
    return sizes;
  }
}
