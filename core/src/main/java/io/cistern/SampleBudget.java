package io.cistern;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Which allocations of a pool are sampled: at random, so many a second at most, and all of them
 * where there are no more than that.
 *
 * <pre>
 *   a tick begins:  samples = min(samples + elapsed &times; budget, a second's)
 *                   looks   = min(looks + elapsed &times; 512, 8192)
 *                   p       = min(1, samples / (2 &times; looks expected))
 *   an allocation:  looks left?    no: nothing more in this tick, the pool may take its fast path
 *                   p says yes, samples left, fewer than a second's in this span: sample it
 * </pre>
 *
 * <p><b>Bias.</b> The first allocations after a tick are looked at, up to 512 for each tick that
 * has passed, and of these each is sampled with the same probability: so neither the first of a
 * burst is preferred nor one in a fixed pattern. Half of the samples that are left are spent in
 * each tick, which settles at twice a tick's budget, and so hardly ever runs out within one.
 * Allocations behind the looks of a tick are not looked at. Where the load is steady every
 * allocation has the same chance nevertheless, since a tick comes at any moment of the program's
 * work. Where threads wake up, allocate more than 512 blocks a tick of the pause, and fall asleep,
 * all within 10 ms, what is always allocated last is never sampled.
 *
 * <p><b>Weight.</b> Time is divided into spans of a second or more. Of each it is known how many
 * allocations there were (the pool's own count) and how many were sampled, so a sample stands for
 *
 * <pre>
 *   weight = allocations of the span / samples of the span       &Sigma; weights = &Sigma; allocations
 * </pre>
 *
 * <p><b>Cost.</b> A look is an atomic decrement and a multiplication, at most 51,200 a second; the
 * rest of the allocations pay nothing. Threads do not wait for each other: who begins a tick does
 * it alone, and others are not sampled meanwhile.
 */
final class SampleBudget {
  static final int TICKS_A_SECOND = 100;
  static final int LOOKS_A_TICK = 512;
  static final int MOST_LOOKS = 16 * LOOKS_A_TICK;

  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
  private static final double TWO_TO_63 = 0x1p63;
  private static final int NO_TICK = -1;
  private static final int INERTIA = 4;

  private final int perSecond;
  private final LongSupplier allocations;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger samples = new AtomicInteger();

  /** Written under the turn. */
  private volatile int tick = NO_TICK;

  /** The tick in which there are no looks left; plain, since a late reader only looks once more. */
  private int over = NO_TICK;

  private volatile long threshold;
  private volatile long salt;
  private volatile Span span;

  // under the turn
  private double expectedLooks = 1;
  private double fraction;
  private int looksGiven;

  /** About a second of sampling, and what a sample of it stands for. */
  static final class Span {
    private final int firstTick;
    private final long allocationsBefore;
    private final LongSupplier allocations;
    private final AtomicInteger samples = new AtomicInteger();
    private volatile long allocationsAfter = -1;

    private Span(int firstTick, LongSupplier allocations, long allocationsBefore) {
      this.firstTick = firstTick;
      this.allocations = allocations;
      this.allocationsBefore = allocationsBefore;
    }

    private boolean tryTake(int most) {
      return samples.getAndUpdate(n -> Math.min(n + 1, most)) < most;
    }

    /** How many allocations one of its samples stands for, at least 1. */
    double weight() {
      long after = allocationsAfter;
      long count = (after < 0 ? allocations.getAsLong() : after) - allocationsBefore;
      return Math.max(1, (double) count / Math.max(1, samples.get()));
    }
  }

  /**
   * Samples nothing yet.
   *
   * @param perSecond most samples of a span, 0 or more
   * @param allocations of the pool so far; asked once a span and for a weight, not yet here
   * @param seed of the choice
   */
  SampleBudget(int perSecond, LongSupplier allocations, long seed) {
    this.perSecond = perSecond;
    this.allocations = allocations;
    this.salt = seed;
    this.span = new Span(NO_TICK, allocations, 0);
  }

  /** As above, with a seed of its own. */
  SampleBudget(int perSecond, LongSupplier allocations) {
    this(perSecond, allocations, new SplittableRandom().nextLong());
  }

  /** Whether the allocation that is being made is to be sampled. */
  boolean isDue(int now) {
    if (isOver(now) || !isCurrent(now)) {
      return false;
    }
    int look = looks.getAndDecrement();
    if (look <= 0) {
      looks.set(0);
      over = now;
      return false;
    }
    return mix(salt + look * GOLDEN) >>> 1 <= threshold && tryTake();
  }

  /** Whether {@link #isDue} will say no until the next tick. */
  boolean isOver(int now) {
    return now == over || perSecond == 0;
  }

  /** That in which the last sample was taken. */
  Span span() {
    return span;
  }

  private boolean tryTake() {
    return samples.getAndUpdate(n -> Math.max(n - 1, 0)) > 0 && span.tryTake(perSecond);
  }

  /** Whether the tick has begun; begins it if nobody else does. */
  private boolean isCurrent(int now) {
    if (now == tick) {
      return true;
    }
    if (!turn.tryLock()) {
      return false;
    }
    try {
      return now == tick || begin(now);
    } finally {
      turn.unlock();
    }
  }

  /** False for a thread that has slept since it read the clock. */
  private boolean begin(int now) {
    int last = tick;
    int ahead = last == NO_TICK ? 1 : ticksBetween(last, now);
    if (ahead <= 0) {
      return false;
    }
    int elapsed = Math.min(ahead, TICKS_A_SECOND);
    giveLooks(elapsed);
    giveSamples(elapsed);
    salt = mix(salt + GOLDEN);
    beginSpan(now);
    tick = now;
    return true;
  }

  private void giveLooks(int elapsed) {
    int left = Math.max(0, looks.get());
    if (looksGiven > 0) {
      expectedLooks = Math.max(1, expectedLooks + (looksGiven - left - expectedLooks) / INERTIA);
    }
    looksGiven = Math.min(left + elapsed * LOOKS_A_TICK, MOST_LOOKS);
    looks.set(looksGiven);
  }

  private void giveSamples(int elapsed) {
    int left = samples.get();
    double all =
        Math.min(left + fraction + (double) elapsed * perSecond / TICKS_A_SECOND, perSecond);
    samples.addAndGet((int) all - left);
    fraction = all - (int) all;
    threshold = (long) (TWO_TO_63 * Math.min(1, all / (2 * expectedLooks)));
  }

  private void beginSpan(int now) {
    Span last = span;
    if (last.firstTick == NO_TICK || ticksBetween(last.firstTick, now) >= TICKS_A_SECOND) {
      long before = allocations.getAsLong();
      last.allocationsAfter = before;
      span = new Span(now, allocations, before);
    }
  }

  /** Negative when the second is the earlier one. Ticks have 31 bits and wrap. */
  private static int ticksBetween(int earlier, int later) {
    return (later - earlier) << 1 >> 1;
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    long y = (x ^ (x >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return y ^ (y >>> 31);
  }
}
