package io.cistern;

import java.lang.ref.Cleaner;

/**
 * A piece of work whose effect on a pool is counted, from {@code MemoryPool.track} until {@link
 * #close()}: what the thread that opened it, and those that were {@linkplain #include included},
 * allocate and free there, and how often they are refused.
 *
 * {@snippet :
 * try (Operation loading = pool.track("load configuration")) {
 *   load(pool);
 * } // logs one line
 * }
 *
 * <p>Operations may be open one in another, and overlap: each counts for itself. May be used by any
 * thread. One that is forgotten is closed once the garbage collector finds that nobody can close it
 * any more; a warning says so.
 *
 * <p><b>Cost.</b> While an operation is open all threads take the pool's slow path, some tens of
 * nanoseconds more for each allocation and free.
 */
public final class Operation implements AutoCloseable {
  private static final class Cleaning {
    static final Cleaner CLEANER = Cleaner.create();
  }

  private final Operations operations;
  private final OperationTally tally;
  private final Cleaner.Cleanable cleanable;

  Operation(Operations operations, OperationTally tally) {
    this.operations = operations;
    this.tally = tally;
    this.cleanable = Cleaning.CLEANER.register(this, () -> operations.forgotten(tally));
  }

  /**
   * Counts also what another thread does from now on; a thread that is counted already is counted
   * once. A thread that runs meanwhile may be counted some microseconds late.
   *
   * @param thread that takes part in the work
   * @return this
   * @throws IllegalStateException when the operation is closed
   */
  public Operation include(Thread thread) {
    operations.include(thread, tally);
    return this;
  }

  /**
   * What has changed so far, or had changed when it was closed.
   *
   * @return the change
   */
  public OperationChange change() {
    return tally.change();
  }

  /**
   * Ends the counting, and logs the {@linkplain #change() change} in one line: INFO, logger {@code
   * io.cistern}. Does nothing when it was closed before.
   */
  @Override
  public void close() {
    operations.close(tally);
    cleanable.clean();
  }

  @Override
  public String toString() {
    return change().toString();
  }
}
