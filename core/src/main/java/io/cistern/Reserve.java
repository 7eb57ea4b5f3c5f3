package io.cistern;

import io.cistern.internal.Allowance;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Bytes of each tier of a governed pool, in whole blocks, that only critical owners may take. What
 * ordinary owners may take is bounded instead:
 *
 * <pre>
 * taken by ordinary owners ≤ limit = capacity − leaving − reserve, at every moment
 * </pre>
 *
 * <p>Capacity changes while the pool is used. Before it falls, what is about to leave is announced:
 * the limit is lowered first, or the change refused. When it falls, both change at once, under this
 * object's lock, and so the limit stays as it is. After it has risen, the limit follows.
 *
 * <p>Safe for any threads. Its lock is taken by those who change capacity alone, and nothing is
 * called under it that takes another.
 */
final class Reserve {
  /** What a pool keeps that keeps nothing: nobody is ordinary there. */
  private final boolean isNone;

  private final IntToLongFunction capacity;
  private final long[] kept;
  private final long[] leaving;
  private final Allowance[] ordinary;

  /**
   * Nothing is taken yet, and no capacity is known.
   *
   * @param bytes of each tier, 0 or more
   * @param blockBytes of each tier, of which the reserve is a multiple
   * @param capacity bytes that a tier has now
   */
  Reserve(long bytes, long[] blockBytes, IntToLongFunction capacity) {
    this.isNone = bytes == 0;
    this.capacity = capacity;
    this.kept =
        Arrays.stream(blockBytes).map(block -> (bytes + block - 1) / block * block).toArray();
    this.leaving = new long[kept.length];
    this.ordinary = new Allowance[kept.length];
    Arrays.setAll(ordinary, tier -> new Allowance(0));
  }

  /** Takes bytes of a tier for an owner, if it may have them. */
  boolean tryTake(Owner owner, int tier, long bytes) {
    return isNone || owner.isCritical() || ordinary[tier].tryTake(bytes);
  }

  /** Gives back what {@link #tryTake} took. */
  void giveBack(Owner owner, int tier, long bytes) {
    if (!isNone && !owner.isCritical()) {
      ordinary[tier].giveBack(bytes);
    }
  }

  /**
   * Announces that a tier will have less.
   *
   * @return false, and nothing is changed, when ordinary owners have more than would be left them
   */
  synchronized boolean announce(int tier, long bytes) {
    if (isNone) {
      return true;
    }
    leaving[tier] += bytes;
    if (ordinary[tier].trySetLimit(limit(tier))) {
      return true;
    }
    leaving[tier] -= bytes;
    return false;
  }

  /**
   * Changes what a tier has, as announced.
   *
   * @param bytes less; more, if negative, of which it is announced at once that they will leave
   */
  synchronized void change(int tier, long bytes, Runnable change) {
    change.run();
    leaving[tier] -= isNone ? 0 : bytes;
  }

  /** What was announced does not happen. */
  synchronized void withdraw(int tier, long bytes) {
    leaving[tier] -= isNone ? 0 : bytes;
    follow(tier);
  }

  /** Changes what tiers have otherwise, in steps that nobody is to see one without the other. */
  synchronized void change(Runnable change) {
    change.run();
    for (int tier = 0; tier < kept.length; tier++) {
      follow(tier);
    }
  }

  private void follow(int tier) {
    if (!isNone) {
      ordinary[tier].trySetLimit(limit(tier));
    }
  }

  private long limit(int tier) {
    return Math.max(0, capacity.applyAsLong(tier) - leaving[tier] - kept[tier]);
  }
}
