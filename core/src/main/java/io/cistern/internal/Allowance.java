package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An amount, of bytes or of blocks, that may be taken up to a limit. Exact: no interleaving grants
 * more than the limit, and none loses an amount that was given back.
 *
 * <pre>
 * 0 ≤ taken ≤ limit, at every moment
 *
 * word    | slot 1 bit | taken 63 bits |
 * limits    limit[slot] is in force; the other one is being written, or stale
 * </pre>
 *
 * <p>What is taken and which limit is in force stand in one word, so that neither can change behind
 * the other's back. A taker reads the word and the limit in force and then does one compare-and-set
 * of the word; a setter writes the limit into the idle slot, and then puts it in force by one
 * compare-and-set of the same word, which it does only if no more is taken than that. Either the
 * taker's comes first, and the setter sees the charge, or the setter's comes first, and the taker's
 * fails and sees the new limit. So of a charge and a lower limit that do not go together, one is
 * granted and one is refused, and nobody is refused because of a limit that never was in force.
 *
 * <p>The word cannot tell whether the limit was changed twice between a taker's read and its
 * compare-and-set; the slot that it read from is then in force again with another limit. Therefore
 * a setter counts its beginning, before it writes into the idle slot, and its end, and a taker
 * looks at the count before its first read and after its compare-and-set. Of the setter that is at
 * work at the first look, or else of the first that comes, the taker's slot is safe; if a further
 * one has begun since, the taker gives back and starts again. In this case alone {@link #taken()}
 * may be above the limit, for that moment; nothing was granted.
 *
 * <p>Safe for any threads, without a lock for those who take and give back: one of those who
 * compete always gets on. Setters wait for each other. All accesses are sequentially consistent;
 * what a thread did before it gave back is seen by whoever takes it afterwards. Costs one
 * compare-and-set a call when nobody competes.
 */
public final class Allowance {
  /** The limit of an allowance without one. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private static final long TAKEN = Long.MAX_VALUE;
  private static final long SLOT = Long.MIN_VALUE;

  private static final VarHandle WORD;
  private static final VarHandle PEAK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WORD = lookup.findVarHandle(Allowance.class, "word", long.class);
      PEAK = lookup.findVarHandle(Allowance.class, "peak", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private volatile long word;
  private volatile long limit0;
  private volatile long limit1;

  /** Setters that have begun and setters that have ended: odd while one is at work. */
  private volatile long changes;

  private volatile long peak;

  /**
   * Nothing is taken yet.
   *
   * @param limit 0 or more; {@link #UNLIMITED} for none
   * @throws IllegalArgumentException when the limit is negative
   */
  public Allowance(long limit) {
    this.limit0 = requireNotNegative("limit", limit);
  }

  /**
   * Takes an amount if it is within the limit.
   *
   * @param n 0 or more
   * @return false, and nothing was taken, when at a moment during the call it was beyond the limit
   * @throws IllegalArgumentException when {@code n} is negative
   */
  public boolean tryTake(long n) {
    requireNotNegative("amount to take", n);
    while (true) {
      long seen = taken();
      switch (takeFrom(seen, n)) {
        case TAKEN -> {
          return true;
        }
        case STALE -> giveBack(n);
        case NOT -> {
          if (isBeyond(seen, n)) {
            return false;
          }
        }
      }
    }
  }

  /** What became of {@link #takeFrom}. */
  public enum Take {
    /** Taken, and within the limit. */
    TAKEN,
    /** Not taken: beyond the limit, or another amount is taken by now, or others competed. */
    NOT,
    /** Taken, but perhaps beyond the limit, which was changed: the caller must give it back. */
    STALE
  }

  /**
   * Takes an amount if it is within the limit and if exactly so much is taken as the caller has
   * seen; for callers that have acted upon what they saw. Tries once.
   *
   * @param seen from {@link #taken()}
   * @param n 0 or more
   * @return what became of it; after {@link Take#NOT}, {@link #isBeyond} tells whether it was the
   *     limit
   */
  public Take takeFrom(long seen, long n) {
    long before = changes;
    long now = word;
    if ((now & TAKEN) != seen || n > limit(now) - seen) {
      return Take.NOT;
    }
    if (!WORD.compareAndSet(this, now, now + n)) {
      return Take.NOT;
    }
    if (changes - before > 2 - (before & 1)) {
      return Take.STALE;
    }
    raisePeak(seen + n);
    return Take.TAKEN;
  }

  /**
   * Whether an amount is beyond the limit.
   *
   * @param seen from {@link #taken()}
   * @param n 0 or more
   * @return true when at a moment during the call exactly {@code seen} was taken and {@code n} more
   *     would have been beyond the limit then in force
   */
  public boolean isBeyond(long seen, long n) {
    long before = changes;
    long now = word;
    return (now & TAKEN) == seen && n > limit(now) - seen && changes == before;
  }

  /**
   * Gives back what was taken.
   *
   * @param n 0 or more
   * @return what is taken after it
   * @throws IllegalArgumentException when {@code n} is negative
   * @throws IllegalStateException when less is taken than that; nothing is changed
   */
  public long giveBack(long n) {
    requireNotNegative("amount to give back", n);
    while (true) {
      long now = word;
      long taken = now & TAKEN;
      if (n > taken) {
        throw new IllegalStateException(
            "%d given back, but only %d taken (limit %d)".formatted(n, taken, limit(now)));
      }
      if (WORD.compareAndSet(this, now, now - n)) {
        return taken - n;
      }
    }
  }

  /**
   * What is taken now.
   *
   * @return 0 or more
   */
  public long taken() {
    return word & TAKEN;
  }

  /**
   * The limit in force.
   *
   * @return 0 or more; {@link #UNLIMITED} for none
   */
  public long limit() {
    while (true) {
      long before = changes;
      long limit = limit(word);
      if (changes == before) {
        return limit;
      }
    }
  }

  /**
   * The most that was ever taken at once.
   *
   * @return exact for all calls that have returned
   */
  public long peak() {
    return Math.max(peak, taken());
  }

  /**
   * Changes the limit, unless more is taken.
   *
   * @param limit 0 or more; {@link #UNLIMITED} for none
   * @return false, and nothing was changed, when more is taken than that
   * @throws IllegalArgumentException when the limit is negative
   */
  public synchronized boolean trySetLimit(long limit) {
    requireNotNegative("limit", limit);
    changes++;
    boolean put = put(limit);
    changes++;
    return put;
  }

  /** Writes a limit into the idle slot and puts it in force. */
  private boolean put(long limit) {
    boolean lower = limit < limit(word);
    if (word >= 0) { // only setters change that
      limit1 = limit;
    } else {
      limit0 = limit;
    }
    while (true) {
      long now = word;
      if (lower && (now & TAKEN) > limit) {
        return false;
      }
      if (WORD.compareAndSet(this, now, now ^ SLOT)) {
        return true;
      }
    }
  }

  /**
   * Raises the limit. No limit stays none.
   *
   * @param by 0 or more
   * @throws IllegalArgumentException when {@code by} is negative, or so large that the sum is not
   *     below {@link #UNLIMITED}; nothing is changed
   */
  public synchronized void raiseLimit(long by) {
    requireNotNegative("amount to raise by", by);
    long limit = limit();
    if (limit == UNLIMITED) {
      return;
    }
    if (by >= UNLIMITED - limit) {
      throw new IllegalArgumentException(
          "limit %d raised by %d: at most %d are possible".formatted(limit, by, UNLIMITED - 1));
    }
    trySetLimit(limit + by);
  }

  /**
   * Lowers the limit, unless more is taken. No limit stays none.
   *
   * @param by 0 or more
   * @return false, and nothing was changed, when more is taken than the limit would be, or when the
   *     limit is below {@code by}
   * @throws IllegalArgumentException when {@code by} is negative
   */
  public synchronized boolean tryLowerLimit(long by) {
    requireNotNegative("amount to lower by", by);
    long limit = limit();
    if (limit == UNLIMITED) {
      return true;
    }
    return by <= limit && trySetLimit(limit - by);
  }

  private long limit(long word) {
    return word >= 0 ? limit0 : limit1;
  }

  private void raisePeak(long taken) {
    long seen = peak;
    while (taken > seen && !PEAK.compareAndSet(this, seen, taken)) {
      seen = peak;
    }
  }

  private static long requireNotNegative(String what, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " " + value + ": at least 0 is needed");
    }
    return value;
  }

  @Override
  public String toString() {
    return "%d of %d taken, peak %d".formatted(taken(), limit(), peak());
  }
}
