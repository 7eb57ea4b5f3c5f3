package io.cistern.simulator.tune;

import java.util.Arrays;

/**
 * How many blocks of which size are live, as two histograms over the sizes of a {@link Demand}.
 *
 * <pre>
 *   atLeast(i)  = most blocks of size i or larger that are live at one moment
 *   together(i) = atLeast(i) - atLeast(i + 1)
 *   alone(i)    = most blocks of size i that are live at one moment
 * </pre>
 *
 * Whatever the tiers, blocks of size i or larger are needed for {@code atLeast(i)} at once: so a
 * pool whose tiers lend to all smaller ones cannot do with less than {@code together} says, and
 * does not need more than {@code alone} says. Of a resize the new size counts, and the old one no
 * more.
 *
 * <p>Moments are runs of allocations with the frees that follow them: within one, the most is live
 * after its last allocation. All peaks together cost (operations) × log(moments).
 */
final class LiveSizes {
  private final int[] atLeast;
  private final int[] alone;

  LiveSizes(Demand demand) {
    Changes changes = new Changes(demand);
    int sizes = demand.sizes.length;
    this.atLeast = new int[sizes + 1];
    this.alone = new int[sizes];
    PeakTree tree = new PeakTree(changes.moments);
    for (int size = sizes - 1; size >= 0; size--) {
      int level = 0;
      for (int i = changes.start[size]; i < changes.start[size + 1]; i++) {
        int change = changes.change[i];
        tree.add(changes.moment[i], change);
        level += change;
        alone[size] = Math.max(alone[size], level);
      }
      atLeast[size] = tree.peak();
    }
  }

  int atLeast(int size) {
    return atLeast[size];
  }

  int[] together() {
    int[] together = new int[alone.length];
    for (int size = 0; size < together.length; size++) {
      together[size] = atLeast[size] - atLeast[size + 1];
    }
    return together;
  }

  int[] alone() {
    return alone.clone();
  }

  /** What comes and goes, sorted by size, and within a size by time. */
  private static final class Changes {
    /** Where the changes of each size begin. */
    final int[] start;

    final int[] moment;
    final byte[] change;
    final int moments;
    private final int[] next;
    private int now;
    private boolean freed;

    Changes(Demand demand) {
      int[] rankOf = new int[demand.blockCount];
      this.start = count(demand, rankOf);
      this.next = Arrays.copyOf(start, demand.sizes.length);
      this.moment = new int[start[demand.sizes.length]];
      this.change = new byte[moment.length];
      for (int i = 0; i < demand.operations(); i++) {
        int block = demand.blocks[i];
        int rank = demand.ranks[i];
        if (rank <= 0) {
          add(rankOf[block], -1);
        }
        if (rank != 0) {
          add(Math.abs(rank), 1);
        }
        rankOf[block] = Math.abs(rank);
      }
      this.moments = now + 2;
    }

    private static int[] count(Demand demand, int[] rankOf) {
      int[] start = new int[demand.sizes.length + 1];
      for (int i = 0; i < demand.operations(); i++) {
        int rank = demand.ranks[i];
        if (rank <= 0) {
          start[rankOf[demand.blocks[i]]]++;
        }
        if (rank != 0) {
          start[Math.abs(rank)]++;
        }
        rankOf[demand.blocks[i]] = Math.abs(rank);
      }
      Arrays.parallelPrefix(start, Integer::sum);
      return start;
    }

    private void add(int rank, int delta) {
      if (delta > 0 && freed) {
        now++;
      }
      freed = delta < 0;
      int at = next[rank - 1]++;
      moment[at] = delta < 0 ? now + 1 : now;
      change[at] = (byte) delta;
    }
  }
}
