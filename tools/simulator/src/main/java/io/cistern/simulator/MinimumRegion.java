package io.cistern.simulator;

import io.cistern.internal.Space;
import java.util.OptionalLong;

/**
 * The smallest region in which a pool of variable sizes completes a trace.
 *
 * <p>A larger region does not always do where a smaller one did: with other free pieces other
 * places are chosen. So what counts is the smallest size above which none fails, up to 2.5 times
 * the peak, on a grid of 1/64 of the peak. It is found from above, and every size on the way is
 * tried with the pool's own index of its free space, which is numbers alone.
 */
public final class MinimumRegion {
  private static final int GRID = 64;
  private static final int MOST = GRID * 5 / 2;
  private static final int GRANULE = 8;
  private static final int MAX_BLOCKS = 1 << 24;

  private MinimumRegion() {}

  /**
   * Searches. Takes as long as some tens of replays.
   *
   * @param trace to complete
   * @param listener hears of progress and may stop the search
   * @return bytes; nothing when the trace allocates nothing, fails with 2.5 times its peak, or the
   *     search was stopped
   */
  public static OptionalLong of(Trace trace, ReplayListener listener) {
    OptionalLong smallest = OptionalLong.empty();
    if (trace.peakLiveBytes() == 0 || trace.peakLiveBlocks() >= MAX_BLOCKS) {
      return smallest;
    }
    for (int step = MOST; step >= GRID; step--) {
      double share = (double) (MOST - step) / (MOST - GRID);
      if (!listener.onProgress(trace, "smallest region", share)) {
        return OptionalLong.empty();
      }
      long bytes = bytes(trace, step);
      if (!completes(trace, bytes)) {
        return smallest;
      }
      smallest = OptionalLong.of(bytes);
    }
    return smallest;
  }

  /** The roomiest region that is tried: for replays that need not be cramped. */
  static long roomy(Trace trace) {
    return bytes(trace, MOST);
  }

  private static long bytes(Trace trace, int step) {
    long exact = Math.ceilDiv(Math.multiplyExact(trace.peakLiveBytes(), (long) step), GRID);
    return Math.max(GRANULE, (exact + GRANULE - 1) & -GRANULE);
  }

  /** Whether all requests are served in a region of this size. */
  static boolean completes(Trace trace, long regionBytes) {
    Space space = new Space(regionBytes, GRANULE, trace.peakLiveBlocks() + 1);
    int[] places = new int[trace.blocks()];
    for (int i = 0; i < trace.operations(); i++) {
      int block = trace.block(i);
      int size = trace.size(i);
      if (size == 0) {
        space.free(places[block]);
      } else {
        int place = size > 0 ? space.allocate(size, 1) : resize(space, places[block], -size);
        if (place == Space.NONE) {
          return false;
        }
        places[block] = place;
      }
    }
    return true;
  }

  /** Where it can stay it stays; else both places are taken until it has moved. */
  private static int resize(Space space, int place, int size) {
    if (space.tryResize(place, size)) {
      return place;
    }
    int moved = space.allocate(size, 1);
    if (moved != Space.NONE) {
      space.free(place);
    }
    return moved;
  }
}
