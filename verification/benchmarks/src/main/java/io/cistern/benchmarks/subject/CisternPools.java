package io.cistern.benchmarks.subject;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.jdk.jfr.JfrEvents;
import jdk.jfr.Recording;

/**
 * Our own pools: five tiers, one for each size that is measured, otherwise default settings. A
 * shared pool has {@value #SHARED_BLOCKS} blocks a tier for all threads; a confined one belongs to
 * its worker and has {@value #CONFINED_BLOCKS}.
 */
final class CisternPools {
  private static final int SHARED_BLOCKS = 1024;
  private static final int CONFINED_BLOCKS = 128;

  private CisternPools() {}

  /** Makes a worker on a pool. */
  @FunctionalInterface
  interface WorkerFactory {
    Worker worker(MemoryPool pool, int slots, Runnable atEnd);
  }

  /** For all threads. */
  static MemoryPool pool() {
    return tiers(SHARED_BLOCKS).build();
  }

  /** One pool for all threads. */
  static Allocator shared(WorkerFactory workers) {
    return shared(pool(), workers);
  }

  /** The same with somebody attached who listens to slow-path events. */
  static Allocator listened(WorkerFactory workers) {
    return shared(tiers(SHARED_BLOCKS).listener(new PoolListener() {}).build(), workers);
  }

  /** The same with a flight recording that has all our events. */
  static Allocator recorded(WorkerFactory workers) {
    MemoryPool pool = pool();
    JfrEvents events = JfrEvents.register(pool);
    Recording recording = new Recording(JfrEvents.configuration());
    recording.start();
    return new Shared(
        pool,
        workers,
        () -> {
          events.close();
          recording.close();
        });
  }

  /** The same without samples for leak reports. */
  static Allocator unsampled(WorkerFactory workers) {
    return shared(tiers(SHARED_BLOCKS).leakSamples(0).build(), workers);
  }

  /** The same with labels. */
  static Allocator labelled(WorkerFactory workers) {
    return shared(tiers(SHARED_BLOCKS).labels().build(), workers);
  }

  /** The same at another check level. */
  static Allocator checked(CheckLevel level, WorkerFactory workers) {
    return shared(tiers(SHARED_BLOCKS).checks(level).build(), workers);
  }

  /** A pool for each thread. */
  static Allocator confined(WorkerFactory workers) {
    return slots -> {
      MemoryPool pool = tiers(CONFINED_BLOCKS).confined().build();
      return workers.worker(pool, slots, () -> checkAndClose(pool));
    };
  }

  private static MemoryPool.Builder tiers(int blocks) {
    MemoryPool.Builder builder = MemoryPool.builder().name("benchmark");
    for (int size : Sizes.tiers()) {
      builder.tier(size, blocks);
    }
    return builder;
  }

  private static void checkAndClose(MemoryPool pool) {
    pool.verify().orThrow();
    pool.close();
  }

  private static Allocator shared(MemoryPool pool, WorkerFactory workers) {
    return new Shared(pool, workers, () -> {});
  }

  private record Shared(MemoryPool pool, WorkerFactory workers, Runnable atEnd)
      implements Allocator {
    @Override
    public Worker worker(int slots) {
      return workers.worker(pool, slots, () -> {});
    }

    @Override
    public void close() {
      atEnd.run();
      checkAndClose(pool);
    }
  }
}
