package io.cistern.benchmarks.subject;

/**
 * An open allocator: what all threads of one benchmark share. Closing it checks it where it can be
 * checked: a pool of ours is walked by {@code verify()}, so that no figure comes from a pool that
 * is not sound.
 */
public interface Allocator extends AutoCloseable {
  /**
   * Makes a worker, on the thread that will use it.
   *
   * @param slots how many allocations it can hold at once
   * @return a worker that holds nothing
   */
  Worker worker(int slots);

  /**
   * Gives everything back.
   *
   * @throws IllegalStateException when something is still allocated, or is not sound
   */
  @Override
  default void close() {}
}
