package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.subject.Sizes;
import io.cistern.benchmarks.subject.Worker;
import java.util.Random;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * A steady state of 64 live allocations of mixed sizes. A step frees one at random, allocates
 * another size in its place and writes one byte. A size lies anywhere in a tier, and every tier is
 * as likely as any other. Slots and sizes are drawn beforehand.
 */
final class MixedSteps {
  private static final int LIVE = 64;
  private static final int STEPS = 4096;
  private static final long SEED = 0x5EED;

  private final byte[] slots = new byte[STEPS];
  private final int[] sizes = new int[STEPS];
  private final Worker worker;
  private int next;

  /** Allocates the first 64. */
  MixedSteps(OpenAllocator allocator, int thread) {
    Random random = new Random(SEED + thread);
    int[] tiers = Sizes.tiers();
    for (int step = 0; step < STEPS; step++) {
      int tier = random.nextInt(tiers.length);
      int smallest = tier == 0 ? 1 : tiers[tier - 1] + 1;
      sizes[step] = random.nextInt(smallest, tiers[tier] + 1);
      slots[step] = (byte) random.nextInt(LIVE);
    }
    worker = allocator.worker(LIVE);
    for (int slot = 0; slot < LIVE; slot++) {
      worker.allocate(slot, sizes[slot]);
    }
  }

  @CompilerControl(CompilerControl.Mode.INLINE)
  void step() {
    int step = next;
    next = (step + 1) % STEPS;
    int slot = slots[step];
    worker.free(slot);
    worker.allocate(slot, sizes[step]);
  }

  /** Frees the last 64. */
  void close(OpenAllocator allocator) {
    for (int slot = 0; slot < LIVE; slot++) {
      worker.free(slot);
    }
    allocator.done(worker);
  }
}
