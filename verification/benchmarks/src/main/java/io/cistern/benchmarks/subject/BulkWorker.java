package io.cistern.benchmarks.subject;

import io.cistern.MemoryPool;
import org.openjdk.jmh.annotations.CompilerControl;

/** The handle form with batches allocated and freed in one call each. */
@CompilerControl(CompilerControl.Mode.INLINE)
final class BulkWorker extends HandleWorker {
  private final long[] shuffled;

  BulkWorker(MemoryPool pool, int slots, Runnable atEnd) {
    super(pool, slots, atEnd);
    this.shuffled = new long[slots];
  }

  @Override
  public void batch(int size, int[] order) {
    int count = order.length;
    int had = pool.tryAllocateHandles(size, handles, 0, count);
    if (had != count) {
      throw new IllegalStateException(
          "asked for %d blocks of %d B, had %d".formatted(count, size, had));
    }
    for (int i = 0; i < count; i++) {
      write(handles[i]);
      shuffled[i] = handles[order[i]];
    }
    pool.free(shuffled, 0, count);
  }
}
