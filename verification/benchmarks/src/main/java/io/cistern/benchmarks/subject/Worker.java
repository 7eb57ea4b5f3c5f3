package io.cistern.benchmarks.subject;

import org.openjdk.jmh.annotations.CompilerControl;

/**
 * What one thread does with an allocator. Allocations are held in numbered slots, in an array of
 * longs or of objects, whichever the allocator hands out, so that none of them is boxed and all of
 * them pay for the same array access. Every allocation writes one byte, the first.
 *
 * <p>One JVM that measures loads one class of worker, which makes all calls through this interface
 * direct ones. Implementations are put in line by command: else the JIT would do so or not by the
 * order in which methods happen to get hot, and figures would differ by a call.
 */
public interface Worker extends AutoCloseable {
  /**
   * Allocates, writes one byte, frees.
   *
   * @param size bytes
   */
  void pair(int size);

  /**
   * Allocates into a slot and writes one byte.
   *
   * @param slot an empty one
   * @param size bytes
   */
  void allocate(int slot, int size);

  /**
   * Frees what a slot holds. Another thread than the allocating one may do so, if the allocator
   * lets it.
   *
   * @param slot one that was filled
   */
  void free(int slot);

  /**
   * Fills the first slots with allocations of one size, then frees them in another order.
   *
   * @param size bytes
   * @param order a permutation of the slots to fill
   */
  @CompilerControl(CompilerControl.Mode.INLINE)
  default void batch(int size, int[] order) {
    for (int slot = 0; slot < order.length; slot++) {
      allocate(slot, size);
    }
    for (int slot : order) {
      free(slot);
    }
  }

  /** Gives back what the worker has for itself, on the thread that used it. */
  @Override
  default void close() {}
}
