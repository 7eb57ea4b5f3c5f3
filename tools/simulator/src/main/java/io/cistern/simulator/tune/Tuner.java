package io.cistern.simulator.tune;

import io.cistern.simulator.MinimumRegion;
import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds tiers for traces: sizes first, then counts, from several guesses, of which the cheapest
 * wins.
 *
 * <pre>
 *   Demand                 what the traces ask for, in ranks of sizes
 *     LiveSizes            how many blocks of which size are live: at one moment, and each alone
 *       SizeClasses        the sizes that waste least, for one histogram or the other
 *         CountSearch      the counts that serve, with what tiers lend to each other
 *           SpillModel     a pool of tiers as numbers
 *       Neighbours         the same with one size changed, as long as that costs less
 * </pre>
 *
 * <p><b>Why two histograms.</b> With the blocks that are needed at once, sizes are right for a pool
 * in which every tier lends whenever it is asked; with the peaks of each size alone, for one in
 * which none does. What can be had lies between, and trying says which guess comes closer. Powers
 * of two, each tier cut down to the largest size that is asked of it, are the third guess, if there
 * may be as many tiers: so the answer never costs more than they do.
 *
 * <p>Several traces are served one at a time, not all at once.
 */
public final class Tuner {
  /** The largest number of tiers: as many as a pool may have. */
  public static final int MAX_TIERS = 64;

  private final List<Trace> traces;
  private final Demand demand;
  private final LiveSizes live;
  private final double headroom;
  private final ReplayListener listener;

  private Tuner(List<Trace> traces, double headroom, ReplayListener listener) {
    this.traces = traces;
    this.demand = new Demand(traces);
    this.live = new LiveSizes(demand);
    this.headroom = headroom;
    this.listener = listener;
  }

  /** Tiers by what they hold, what their blocks cost, and how many there are. */
  private static final class Guess {
    final CountSearch search;
    final int[] tops;
    final int[] blockSizes;
    final int[] counts;

    Guess(CountSearch search, int[] tops, int[] blockSizes) {
      this.search = search;
      this.tops = tops;
      this.blockSizes = blockSizes;
      this.counts = search.best();
    }

    long bytes() {
      return search.cost(counts);
    }

    TierPlan plan() {
      return TierPlan.of(blockSizes, counts);
    }
  }

  /**
   * Finds tiers. Takes seconds, for long traces up to some minutes.
   *
   * @param traces that must each be served; at least one that allocates
   * @param tiers there may be, from 1 to {@link #MAX_TIERS}
   * @param headroom blocks beyond what the traces need, as a share of each tier: 0.25 for a quarter
   *     more
   * @param listener hears of progress; once it says stop, what was found by then is the answer
   * @return the tiers; they have not been replayed on a real pool
   * @throws IllegalArgumentException when a number is out of range, or nothing is allocated
   */
  public static Tuning tune(
      List<Trace> traces, int tiers, double headroom, ReplayListener listener) {
    if (tiers < 1 || tiers > MAX_TIERS || !(headroom >= 0)) {
      throw new IllegalArgumentException(
          "%d tiers and a headroom of %s: must be from 1 to %d tiers and at least 0"
              .formatted(tiers, headroom, MAX_TIERS));
    }
    if (traces.stream().allMatch(trace -> trace.peakLiveBytes() == 0)) {
      throw new IllegalArgumentException("nothing is allocated in the traces: no tier is needed");
    }
    return new Tuner(traces, headroom, listener).tune(tiers);
  }

  private Tuning tune(int tiers) {
    Guess powers = count(Doubling.tops(demand.sizes), Doubling.blockSizes(demand.sizes), effort());
    Guess best = improved(cheapest(guesses(tiers)), tiers);
    int[] counts = roomier(best.search, best.counts);
    return new Tuning(
        TierPlan.of(best.blockSizes, counts),
        best.plan(),
        TierPlan.of(powers.blockSizes, roomier(powers.search, powers.counts)),
        TierPlan.of(powers.blockSizes, roomier(powers.search, powers.search.alone())),
        traces.stream().mapToLong(Trace::peakLiveBytes).max().orElseThrow(),
        variableRegion(),
        TierUse.of(demand, new SpillModel(demand, best.tops), best.blockSizes, counts));
  }

  private Guess cheapest(List<int[]> guesses) {
    return guesses.stream()
        .map(tops -> count(tops, sizes(tops), effort()))
        .min(Comparator.comparingLong(Guess::bytes))
        .orElseThrow();
  }

  /** Takes whatever neighbour costs less, until none does or enough was tried. */
  private Guess improved(Guess start, int tiers) {
    Effort effort = effort();
    Guess best = start;
    boolean better = true;
    while (better && !effort.isSpent()) {
      better = false;
      for (int[] tops : Neighbours.of(best.tops, tiers)) {
        Guess guess = effort.isSpent() ? best : count(tops, sizes(tops), effort);
        if (guess.bytes() < best.bytes()) {
          best = guess;
          better = true;
        }
      }
    }
    return best;
  }

  private List<int[]> guesses(int tiers) {
    List<int[]> guesses = new ArrayList<>();
    guesses.add(new SizeClasses(demand.sizes, live.together()).best(tiers));
    guesses.add(new SizeClasses(demand.sizes, live.alone()).best(tiers));
    int[] doubling = Doubling.tops(demand.sizes);
    if (doubling.length <= tiers) {
      guesses.add(doubling);
    }
    return guesses;
  }

  private int[] sizes(int[] tops) {
    return IntStream.of(tops).map(top -> demand.sizes[top]).toArray();
  }

  /** For each guess, and once more for all its neighbours. */
  private Effort effort() {
    return new Effort(traces.getFirst(), demand.operations(), listener);
  }

  private Guess count(int[] tops, int[] blockSizes, Effort effort) {
    CountSearch search = new CountSearch(demand, live, tops, blockSizes, effort);
    return new Guess(search, tops, blockSizes);
  }

  /** More blocks in each tier can change who borrows from whom, so this is looked at again. */
  private int[] roomier(CountSearch search, int[] counts) {
    int[] more = Arrays.stream(counts).map(c -> (int) Math.ceil(c * (1 + headroom))).toArray();
    return search.repaired(more);
  }

  private @Nullable Long variableRegion() {
    long most = 0;
    for (Trace trace : traces) {
      OptionalLong region = MinimumRegion.of(trace, listener);
      if (region.isEmpty() && trace.peakLiveBytes() > 0) {
        return null;
      }
      most = Math.max(most, region.orElse(0));
    }
    return most;
  }
}
