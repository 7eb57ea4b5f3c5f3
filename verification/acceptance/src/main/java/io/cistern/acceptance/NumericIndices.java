package io.cistern.acceptance;

import io.cistern.internal.IndexStack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * R5's validation at the level of indices: its five checks, with the formulas of SPEC.md counted a
 * second time in the plainest way. They run on {@link IndexStack}, which the numeric pool will be
 * built on; the profile says how many indices there are.
 */
final class NumericIndices {
  /** Seed of the random orders; fixed, so that a failure comes again. */
  private static final long SEED = 1;

  private static final int OPERATIONS = 10_000;

  private NumericIndices() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return formulas(validation(suite));
  }

  private static Suite.Builder validation(Suite.Builder suite) {
    return suite
        .check(
            "indices: basic function",
            "basic function: each index once, then none; out of range, not live, or given back twice is an error that names it",
            Limit.exactly(50, "indices taken"),
            pools -> basicFunction(blocks(pools)))
        .check(
            "indices: peak efficiency",
            "peak efficiency > 90 % (10 blocks, 50 cycles of 10 live: 100 %)",
            Limit.above(90, "%"),
            pools -> peakEfficiency(new IndexStack(10)))
        .check(
            "indices: after coalescing",
            "fragmentation < 10 % after coalescing",
            Limit.below(10, "%"),
            pools -> afterCoalescing(blocks(pools)))
        .check(
            "indices: automatic trigger",
            "automatic trigger above 20 %: on return, when sorting would lower it",
            Limit.atMost(20, "%"),
            pools -> highestThatStays(new IndexStack(blocks(pools))))
        .check(
            "indices: memory growth",
            "memory growth < 50 MB over those cycles",
            Limit.below(50, "MB"),
            pools -> memoryGrowth());
  }

  private static Suite.Builder formulas(Suite.Builder suite) {
    return suite
        .check(
            "indices: efficiency",
            "efficiency = live / total in %",
            Limit.exactly(51, "equal figures"),
            pools -> efficiency(blocks(pools)))
        .check(
            "indices: fragmentation",
            "of the neighbouring pairs in the free list, in the order in which it will be handed out, the share whose indices are not consecutive",
            Limit.exactly(OPERATIONS, "equal figures"),
            pools -> fragmentation(blocks(pools)))
        .check(
            "indices: coalescing time",
            "coalescing < 1 ms up to 1000 blocks",
            Limit.below(1, "ms"),
            pools -> coalescingMillis(1000));
  }

  /** How many blocks the profile's pool of (1000,) has. */
  private static int blocks(FreshPools pools) {
    return Tiers.tier(pools.pool("vectors-1000"), 8000).total();
  }

  private static double basicFunction(int count) {
    IndexStack indices = new IndexStack(count);
    int taken = 0;
    for (int index = indices.take(); index != IndexStack.NONE; index = indices.take()) {
      Expect.equal("index that is taken", taken, index);
      taken++;
    }
    Expect.equal("live indices", taken, indices.live());
    refused(indices, -1, "-1");
    refused(indices, count, String.valueOf(count));
    indices.giveBack(7);
    refused(indices, 7, "7");
    Expect.equal("index that is taken again", 7, indices.take());
    expectSound(indices, "after all");
    return taken;
  }

  private static void refused(IndexStack indices, int index, String named) {
    IllegalArgumentException refusal =
        Expect.refused(
            IllegalArgumentException.class, "a return of " + index, () -> indices.giveBack(index));
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), "index " + named + " ");
  }

  private static double peakEfficiency(IndexStack indices) {
    double peak = 0;
    for (int cycle = 0; cycle < 50; cycle++) {
      int[] taken = takeAll(indices);
      peak = Math.max(peak, indices.efficiencyPercent());
      Arrays.stream(taken).forEach(indices::giveBack);
      Expect.equal("live indices after cycle " + cycle, 0, indices.live());
    }
    expectSound(indices, "after 50 cycles");
    return peak;
  }

  private static int[] takeAll(IndexStack indices) {
    return IntStream.range(0, indices.count() - indices.live()).map(i -> indices.take()).toArray();
  }

  /** All given back in random order, which is fragmented; sorted, it is not. */
  private static double afterCoalescing(int count) {
    IndexStack indices = shuffled(count);
    Expect.that(
        indices.fragmentationPercent() > 20,
        "a random order is fragmented by %s %% only".formatted(indices.fragmentationPercent()));
    Expect.that(indices.coalesce(), "a fragmented order was not sorted");
    Expect.that(!indices.coalesce(), "a sorted order was sorted again");
    for (int index = 0; index < count; index++) {
      Expect.equal("index after coalescing", index, indices.order()[index]);
    }
    return indices.fragmentationPercent();
  }

  private static IndexStack shuffled(int count) {
    IndexStack indices = new IndexStack(count, IndexStack.NEVER);
    List<Integer> order = new ArrayList<>(Arrays.stream(takeAll(indices)).boxed().toList());
    Collections.shuffle(order, new Random(SEED));
    order.forEach(indices::giveBack);
    return indices;
  }

  /**
   * Random takes and returns; the highest fragmentation that a return has left although sorting
   * would have lowered it. It coalesces, and never where that is not due.
   */
  static double highestThatStays(IndexStack indices) {
    Random random = new Random(SEED);
    List<Integer> live = new ArrayList<>();
    double highest = 0;
    for (int operation = 1; operation <= OPERATIONS; operation++) {
      if (isTake(indices, live, random)) {
        live.add(indices.take());
      } else {
        boolean coalesced = indices.giveBack(removeAny(live, random));
        boolean isLowest = isLowest(indices.order());
        String where = " in operation %d of seed %d".formatted(operation, SEED);
        Expect.that(!coalesced || isLowest, "coalesced, but not sorted" + where);
        highest = isLowest ? highest : Math.max(highest, indices.fragmentationPercent());
      }
    }
    Expect.that(indices.coalesced() > 0, "never coalesced in " + OPERATIONS + " operations");
    expectSound(indices, "after " + OPERATIONS + " operations of seed " + SEED);
    return highest;
  }

  private static boolean isTake(IndexStack indices, List<Integer> live, Random random) {
    boolean isFull = live.size() == indices.count();
    return live.isEmpty() || (!isFull && random.nextBoolean());
  }

  private static int removeAny(List<Integer> live, Random random) {
    return live.remove(/* index */ random.nextInt(live.size()));
  }

  /** Whether sorting would not lower the fragmentation. */
  private static boolean isLowest(int[] order) {
    return counted(order) <= counted(Arrays.stream(order).sorted().toArray());
  }

  private static double memoryGrowth() {
    long before = ProcessMemory.bytes();
    peakEfficiency(new IndexStack(10));
    return Math.max(0, ProcessMemory.bytes() - before) / 1e6;
  }

  private static double efficiency(int count) {
    IndexStack indices = new IndexStack(count);
    double equal = 0;
    for (int live = 0; live <= count; live++) {
      equal += isEqual(100.0 * live / count, indices.efficiencyPercent()) ? 1 : 0;
      indices.take();
    }
    return equal;
  }

  private static double fragmentation(int count) {
    IndexStack indices = new IndexStack(count, IndexStack.NEVER);
    Random random = new Random(SEED);
    List<Integer> live = new ArrayList<>();
    double equal = 0;
    for (int operation = 1; operation <= OPERATIONS; operation++) {
      if (isTake(indices, live, random)) {
        live.add(indices.take());
      } else {
        indices.giveBack(removeAny(live, random));
      }
      equal += isEqual(counted(indices.order()), indices.fragmentationPercent()) ? 1 : 0;
    }
    return equal;
  }

  private static boolean isEqual(double one, double other) {
    return Double.compare(one, other) == 0;
  }

  private static double counted(int[] order) {
    long pairs = Math.max(order.length - 1, 1);
    long apart =
        IntStream.range(1, order.length).filter(at -> order[at] - order[at - 1] != 1).count();
    return 100.0 * apart / pairs;
  }

  /** The quickest of many, since what is asked for is the cost and not the load of the machine. */
  private static double coalescingMillis(int count) {
    long quickest = Long.MAX_VALUE;
    for (int i = 0; i < 200; i++) {
      IndexStack indices = shuffled(count);
      long start = System.nanoTime();
      Expect.that(indices.coalesce(), "a fragmented order was not sorted");
      quickest = Math.min(quickest, System.nanoTime() - start);
    }
    return quickest / 1e6;
  }

  private static void expectSound(IndexStack indices, String when) {
    List<String> findings = new ArrayList<>();
    indices.verify(findings);
    Expect.equal("findings " + when, List.of(), findings);
  }
}
