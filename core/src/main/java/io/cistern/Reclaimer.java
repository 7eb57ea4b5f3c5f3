package io.cistern;

import java.time.Duration;
import java.util.Objects;

/**
 * Gives memory back when it runs short: empties a cache, drops what is old, releases a pool that
 * nobody uses. Registered with a priority; those with a lower one are called first.
 *
 * <p>Reclaimers are called one after the other on a daemon thread of their own, never on the thread
 * that asks for memory and never under a lock of a pool. So they may free, allocate, lock and do
 * I/O; but others wait meanwhile, at most until {@link Request#remaining()} is used up, so they
 * should look at it. One that does not return by then is left running and not called again until it
 * has returned. What it throws is logged and counted; the next one is called.
 *
 * <p>An allocation that fails inside of a reclaimer, or on a thread that it started, does not start
 * reclaiming again: it fails at once.
 */
@FunctionalInterface
public interface Reclaimer {
  /**
   * Frees what it can, up to about what is wanted.
   *
   * @param request how much is wanted, where, and until when
   * @return about how many bytes were freed; 0 or less when none could be
   */
  long reclaim(Request request);

  /**
   * What a reclaimer is asked for.
   *
   * @param pool name of the pool that needs memory; empty when all do
   * @param bytesWanted bytes that are still missing, at least 0; others may have joined since
   * @param level pressure that made somebody ask
   * @param deadlineNanos when the answer is of no use any more, on the clock of {@link
   *     System#nanoTime()}
   */
  record Request(String pool, long bytesWanted, PressureLevel level, long deadlineNanos) {
    /**
     * Refuses null and negative bytes.
     *
     * @throws IllegalArgumentException when less than 0 bytes are wanted
     */
    public Request {
      Objects.requireNonNull(pool, "pool");
      Objects.requireNonNull(level, "level");
      if (bytesWanted < 0) {
        throw new IllegalArgumentException(
            "%d B wanted for pool '%s': at least 0 are possible".formatted(bytesWanted, pool));
      }
    }

    /**
     * The time that is left.
     *
     * @return zero when the deadline has passed
     */
    public Duration remaining() {
      return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }
  }

  /** A reclaimer's place in the order; closing it gives the place up. */
  interface Registration extends AutoCloseable {
    /**
     * Takes the reclaimer out: no call of it begins after this has returned. One that is under way
     * goes on, and is not waited for. Closing twice does nothing.
     */
    @Override
    void close();
  }
}
