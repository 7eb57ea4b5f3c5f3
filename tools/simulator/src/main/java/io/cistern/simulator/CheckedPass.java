package io.cistern.simulator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replay in which every block is filled when it is allocated, and looked at when it is resized
 * or freed and at the end. Not timed. On the way it takes the samples of a {@link Timeline}, if it
 * is asked to.
 */
final class CheckedPass {
  /** A timeline has so many samples, or as many as there are operations if those are fewer. */
  private static final int SAMPLES = 1000;

  private final Trace trace;
  private final Memory memory;
  private final int number;
  private final Lane lane;
  private final int[] held;
  private final boolean sampled;
  private final List<Timeline.Sample> samples = new ArrayList<>();
  private long liveBytes;
  private long refused;
  private long damaged;
  private @Nullable String firstDamage;

  /**
   * A pass.
   *
   * @param number of the lane, which gives its contents another look
   * @param sampled whether it takes samples
   */
  CheckedPass(Trace trace, Memory memory, int number, boolean sampled) {
    this.trace = trace;
    this.memory = memory;
    this.number = number;
    this.lane = memory.lane(trace.blocks());
    this.held = new int[trace.blocks()];
    this.sampled = sampled;
  }

  /** Replays; afterwards nothing is held any more. */
  Outcome run(Steps steps) {
    int operations = trace.operations();
    int done = 0;
    while (done < operations && steps.isOnward(done)) {
      operate(trace.block(done), trace.size(done), done);
      done++;
      if (sampled && isDue(done, operations)) {
        samples.add(new Timeline.Sample(done, liveBytes, memory.fragmentation(liveBytes)));
      }
    }
    for (int block = 0; block < held.length; block++) {
      check(block, held[block], done);
    }
    lane.clear();
    return new Outcome(done == operations, refused, damaged, firstDamage, new Timeline(samples));
  }

  private static boolean isDue(int done, int operations) {
    return (long) done * SAMPLES / operations != (done - 1L) * SAMPLES / operations
        || operations <= SAMPLES;
  }

  private void operate(int block, int size, int operation) {
    if (size > 0) {
      allocate(block, size);
    } else if (held[block] > 0 && size == 0) {
      check(block, held[block], operation);
      lane.free(block);
      hold(block, 0);
    } else if (held[block] > 0) {
      resize(block, -size, operation);
    }
  }

  private void allocate(int block, int size) {
    if (lane.allocate(block, size)) {
      hold(block, size);
      Contents.write(lane.memory(block, size), number, block);
    } else {
      refused++;
    }
  }

  private void resize(int block, int size, int operation) {
    if (lane.resize(block, size)) {
      check(block, Math.min(size, held[block]), operation);
      hold(block, size);
      Contents.write(lane.memory(block, size), number, block);
    } else {
      refused++;
    }
  }

  private void hold(int block, int size) {
    liveBytes += size - held[block];
    held[block] = size;
  }

  private void check(int block, int bytes, int operation) {
    if (bytes == 0) {
      return;
    }
    long at = Contents.damage(lane.memory(block, bytes), bytes, number, block);
    if (at != Contents.INTACT) {
      damaged++;
      if (firstDamage == null) {
        firstDamage =
            "%s: byte %d of block %d (%d B) is not what was written, seen at operation %d of %d"
                .formatted(trace.name(), at, block, bytes, operation + 1, trace.operations());
      }
    }
  }

  /**
   * What a pass found.
   *
   * @param complete whether it came to the end of the trace
   * @param refused requests
   * @param damaged blocks whose contents were not what was written
   * @param firstDamage in words; null when there is none
   */
  record Outcome(
      boolean complete,
      long refused,
      long damaged,
      @Nullable String firstDamage,
      Timeline timeline) {}

  /** Is told of progress, and says whether to go on. */
  @FunctionalInterface
  interface Steps {
    boolean isOnward(int operation);
  }
}
