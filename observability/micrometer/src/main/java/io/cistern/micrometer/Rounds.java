package io.cistern.micrometer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The snapshots of one registry. A registry reads its meters one by one and does not say when it
 * starts or ends; a scrape reads each meter once. So a meter that is read a second time begins a
 * new round, and all others are read from the snapshot of the round that is under way:
 *
 * <pre>
 * scrape        used  free  failed │ used  free  failed │
 * snapshot      1     1     1      │ 2     2     2      │
 * </pre>
 *
 * <p>A round that is older than 100 ms is over too, so that a meter which is read alone tells what
 * is. A scrape that takes longer than that is of two snapshots, and right as far as each figure
 * goes.
 *
 * <p>The lock is held while a snapshot is taken, and by nobody who holds another one: who hears of
 * a new round is called after it.
 */
final class Rounds {
  /** How long a round lasts at most. */
  static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Number of the first round. */
  static final long FIRST = 1;

  private final Supplier<Scene> scenes;
  private final LongSupplier nanos;
  private final Consumer<Round> heard;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Round last;

  /**
   * Starts with the first round.
   *
   * @param heard called for each round after the first, by the thread that began it
   */
  Rounds(Supplier<Scene> scenes, LongSupplier nanos, Consumer<Round> heard) {
    this.scenes = scenes;
    this.nanos = nanos;
    this.heard = heard;
    this.last = new Round(FIRST, nanos.getAsLong(), scenes.get());
  }

  /** The round under way. */
  Round last() {
    return last;
  }

  /** The round under way if it comes after one of this number; else a new one. */
  Round after(long number) {
    Round now = last;
    return isUnderWay(now, number) ? now : begin(number);
  }

  private boolean isUnderWay(Round round, long number) {
    return round.number() > number && nanos.getAsLong() - round.takenNanos() <= MOST_NANOS;
  }

  private Round begin(long number) {
    Round begun;
    lock.lock();
    try {
      Round now = last;
      if (isUnderWay(now, number)) {
        return now;
      }
      begun = new Round(now.number() + 1, nanos.getAsLong(), scenes.get());
      last = begun;
    } finally {
      lock.unlock();
    }
    heard.accept(begun);
    return begun;
  }
}
