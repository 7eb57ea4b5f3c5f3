package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.InvalidFreeException.Reason.STALE;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.config.Profile;
import io.cistern.config.Profile.ElementType;
import io.cistern.config.Profile.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * R5, the numeric block pool: blocks of one shape, by their bytes. What it asks of their indices is
 * in {@link NumericIndices}; views with a shape wait for the numeric room.
 */
final class NumericSuite {
  private static final long SHAPE_100 = 100 * Double.BYTES;
  private static final long SHAPE_1000 = 1000 * Double.BYTES;

  /** Seed of the random orders; fixed, so that a failure comes again. */
  private static final long SEED = 1;

  private NumericSuite() {}

  static Suite suite() {
    Suite.Builder suite = new Suite.Builder("R5", "numeric", "numeric block pool");
    return NumericIndices.checks(validation(blocks(suite))).build();
  }

  private static Suite.Builder blocks(Suite.Builder suite) {
    return suite
        .check(
            "bytes of the blocks",
            "20 of (100,) doubles, 50 of (1000,); blocks exact",
            Limit.exactly(20 * SHAPE_100 + 50 * SHAPE_1000, "B"),
            NumericSuite::exactBytes)
        .check(
            "take or nothing: (100,)",
            "take a block or nothing",
            Limit.exactly(20, "blocks taken"),
            pools -> takeOrNothing(ofBlocks(pools, SHAPE_100), SHAPE_100))
        .check(
            "take or nothing: (1000,)",
            "take a block or nothing",
            Limit.exactly(50, "blocks taken"),
            pools -> takeOrNothing(ofBlocks(pools, SHAPE_1000), SHAPE_1000))
        .check(
            "values kept",
            "basic function: every number of every live block is what was written",
            Limit.exactly(20 * 100 + 50 * 1000, "doubles"),
            pools ->
                keptValues(ofBlocks(pools, SHAPE_100)) + keptValues(ofBlocks(pools, SHAPE_1000)))
        .check(
            "returns in any order",
            "give it back; O(1), in whichever order",
            Limit.exactly(1000, "orders"),
            NumericSuite::anyOrder)
        .check(
            "wrong returns",
            "out of range, not live, or given back twice is an error",
            Limit.exactly(6, "returns refused"),
            NumericSuite::wrongReturns);
  }

  private static Suite.Builder validation(Suite.Builder suite) {
    return suite
        .check(
            "peak efficiency",
            "peak efficiency > 90 % (10 blocks, 50 cycles of 10 live: 100 %)",
            Limit.above(90, "%"),
            pools -> peakEfficiency(tenBlocks(pools)))
        .check(
            "memory growth",
            "memory growth < 50 MB over those cycles",
            Limit.below(50, "MB"),
            pools -> memoryGrowth(tenBlocks(pools)))
        .check(
            "long use",
            "long use: 10,000 iterations",
            Limit.exactly(0, "failed requests"),
            pools -> longUse(ofBlocks(pools, SHAPE_1000), 10_000));
  }

  /** The pool with blocks of this size. */
  private static MemoryPool ofBlocks(FreshPools pools, long blockSize) {
    return pools.manager().pools().stream()
        .filter(pool -> pool.maxSize() == blockSize)
        .findFirst()
        .orElseThrow(
            () -> new CheckFailedException("the profile has no blocks of " + blockSize + " B"));
  }

  private static MemoryPool tenBlocks(FreshPools pools) {
    return pools.open(MemoryPool.builder().name("ten").tier(SHAPE_1000, 10, "(1000,) doubles"));
  }

  private static double exactBytes(FreshPools pools) {
    List<Shape> shapes =
        pools.profile().pools().stream()
            .flatMap(pool -> pool.tiers().stream())
            .map(Profile.TierSpec::shape)
            .toList();
    Expect.equal("shapes of the profile", List.of(vector(100), vector(1000)), shapes);
    Tiers.untouched(ofBlocks(pools, SHAPE_100), Tiers.shape(SHAPE_100, 20));
    Tiers.untouched(ofBlocks(pools, SHAPE_1000), Tiers.shape(SHAPE_1000, 50));
    return pools.manager().regionBytes();
  }

  private static Shape vector(int numbers) {
    return new Shape(List.of(numbers), ElementType.DOUBLE);
  }

  private static double takeOrNothing(MemoryPool pool, long blockSize) {
    Held held = new Held(pool);
    double taken = held.takeAll(blockSize);
    Expect.that(pool.tryAllocate(blockSize) == null, "a block was taken from an empty pool");
    held.freeOldest();
    Expect.that(held.tryTake(blockSize), "a block that was given back could not be taken");
    held.freeAll();
    return taken;
  }

  private static double keptValues(MemoryPool pool) {
    Held held = new Held(pool);
    held.takeAll(pool.maxSize());
    long perBlock = pool.maxSize() / Double.BYTES;
    double value = 0;
    for (long handle : held.handles()) {
      MemorySegment block = pool.segment(handle);
      for (long i = 0; i < perBlock; i++) {
        block.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value++);
      }
    }
    double kept = 0;
    for (long handle : held.handles()) {
      MemorySegment block = pool.segment(handle);
      for (long i = 0; i < perBlock && block.getAtIndex(ValueLayout.JAVA_DOUBLE, i) == kept; i++) {
        kept++;
      }
      pool.free(handle);
    }
    return kept;
  }

  /**
   * Gives all blocks back in random order, again and again: the same blocks come out, each of them
   * once.
   */
  private static double anyOrder(FreshPools pools) {
    MemoryPool pool = ofBlocks(pools, SHAPE_100);
    Random random = new Random(SEED);
    Held held = new Held(pool);
    int orders = 0;
    for (; orders < 1000; orders++) {
      held.take(20, SHAPE_100);
      Set<Long> places = new HashSet<>();
      held.handles().forEach(handle -> places.add(pool.offset(handle)));
      Expect.equal(
          "different blocks in order %d of seed %d".formatted(orders, SEED), 20, places.size());
      held.shuffle(random);
      held.freeAll();
    }
    return orders;
  }

  private static double wrongReturns(FreshPools pools) {
    for (long shape : new long[] {SHAPE_100, SHAPE_1000}) {
      MemoryPool pool = ofBlocks(pools, shape);
      MemoryPool other = ofBlocks(pools, shape == SHAPE_100 ? SHAPE_1000 : SHAPE_100);
      Held others = new Held(pool);
      others.take(Tiers.tier(pool, shape).total() - 1, shape);
      long first = pool.allocateHandle(shape);
      Expect.invalid(FOREIGN, "a return to the pool of another shape", () -> other.free(first));
      pool.free(first);
      Expect.invalid(DOUBLE_FREE, "a second return", () -> pool.free(first));
      long next = pool.allocateHandle(shape);
      Expect.invalid(STALE, "a return of what another one has taken since", () -> pool.free(first));
      pool.free(next);
      others.freeAll();
    }
    return pools.manager().stats().pools().stream().mapToLong(PoolStats::violations).sum();
  }

  private static double peakEfficiency(MemoryPool pool) {
    double peak = 0;
    for (int cycle = 0; cycle < 50; cycle++) {
      Held held = new Held(pool);
      held.take(10, SHAPE_1000);
      peak = Math.max(peak, 100.0 * pool.stats().used() / Tiers.tier(pool, SHAPE_1000).total());
      held.freeAll();
    }
    return peak;
  }

  private static double memoryGrowth(MemoryPool pool) {
    long before = ProcessMemory.bytes();
    peakEfficiency(pool);
    return Math.max(0, ProcessMemory.bytes() - before) / 1e6;
  }

  private static double longUse(MemoryPool pool, int iterations) {
    double sum = 0;
    for (int i = 0; i < iterations; i++) {
      try (MemoryBlock block = pool.allocate(SHAPE_1000)) {
        MemorySegment values = block.segment();
        values.setAtIndex(ValueLayout.JAVA_DOUBLE, i % 1000, i);
        sum += values.getAtIndex(ValueLayout.JAVA_DOUBLE, i % 1000);
      }
    }
    Expect.equal("sum of the values", (long) iterations * (iterations - 1) / 2, (long) sum);
    Expect.equal("returns", iterations, pool.stats().frees());
    return pool.stats().failed();
  }
}
