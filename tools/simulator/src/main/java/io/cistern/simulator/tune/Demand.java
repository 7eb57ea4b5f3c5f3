package io.cistern.simulator.tune;

import io.cistern.simulator.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What traces ask for, made ready for trying many sets of tiers on it: all traces one after the
 * other, each block freed at the end of its trace, and sizes replaced by their rank among the sizes
 * that a tier may have.
 *
 * <pre>
 *   ranks[i] &gt; 0    operation i allocates block blocks[i], of size sizes[ranks[i] - 1] at most
 *   ranks[i] = 0    operation i frees it
 *   ranks[i] &lt; 0    operation i gives it the size sizes[-ranks[i] - 1]
 * </pre>
 *
 * <p>A tier may have any size that is asked for, rounded up to the alignment of a pool. Where these
 * are more than {@link #MOST_SIZES}, they are rounded up to 1/64 of themselves as well.
 */
final class Demand {
  static final int ALIGNMENT = 8;
  private static final int MOST_SIZES = 1500;
  private static final int FINENESS = 64;

  final int[] sizes;
  final int[] blocks;
  final int[] ranks;

  /** Bytes as they were asked for, by operation; 0 for a free. */
  final int[] asked;

  final int blockCount;

  Demand(List<Trace> traces) {
    this.sizes = sizes(traces);
    int operations =
        Math.toIntExact(traces.stream().mapToLong(t -> (long) t.operations() + t.blocks()).sum());
    int[] what = new int[operations];
    int[] rank = new int[operations];
    int[] bytes = new int[operations];
    int length = 0;
    int first = 0;
    for (Trace trace : traces) {
      boolean[] live = new boolean[trace.blocks()];
      for (int i = 0; i < trace.operations(); i++) {
        int size = trace.size(i);
        live[trace.block(i)] = size != 0;
        what[length] = first + trace.block(i);
        bytes[length] = Math.abs(size);
        rank[length++] = Integer.signum(size) * rank(size);
      }
      for (int block = 0; block < live.length; block++) {
        if (live[block]) {
          what[length++] = first + block;
        }
      }
      first += trace.blocks();
    }
    this.blocks = Arrays.copyOf(what, length);
    this.ranks = Arrays.copyOf(rank, length);
    this.asked = Arrays.copyOf(bytes, length);
    this.blockCount = first;
  }

  private static int[] sizes(List<Trace> traces) {
    int[] exact = distinct(traces, size -> round(size, ALIGNMENT));
    return exact.length <= MOST_SIZES ? exact : distinct(traces, Demand::coarse);
  }

  private static int[] distinct(List<Trace> traces, IntUnaryOperator rounding) {
    return traces.stream()
        .flatMapToInt(trace -> IntStream.range(0, trace.operations()).map(trace::size))
        .filter(size -> size != 0)
        .map(Math::abs)
        .map(rounding)
        .sorted()
        .distinct()
        .toArray();
  }

  private static int coarse(int size) {
    return round(size, Math.max(ALIGNMENT, Integer.highestOneBit(size) / FINENESS));
  }

  private static int round(int size, int step) {
    return (size + step - 1) & -step;
  }

  /** Rank from 1 of the smallest size that holds so many bytes; 0 for none. */
  private int rank(int size) {
    if (size == 0) {
      return 0;
    }
    int at = Arrays.binarySearch(sizes, Math.abs(size));
    return (at >= 0 ? at : -at - 1) + 1;
  }

  int operations() {
    return ranks.length;
  }
}
