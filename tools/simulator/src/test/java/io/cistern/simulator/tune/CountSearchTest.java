package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.Samples;
import io.cistern.simulator.Trace;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Counts that serve, against all counts there are. Time budget: 5 s. */
class CountSearchTest {
  private static CountSearch search(Demand demand, int[] tops, Trace trace) {
    int[] sizes = IntStream.of(tops).map(top -> demand.sizes[top]).toArray();
    Effort effort = new Effort(trace, demand.operations(), ReplayListener.NONE);
    return new CountSearch(demand, new LiveSizes(demand), tops, sizes, effort);
  }

  @Test
  void servesForLittleMoreThanTheLeast() {
    double found = 0;
    double least = 0;
    for (int seed = 0; seed < 60; seed++) {
      Trace trace = Samples.random(seed, 30);
      Demand demand = new Demand(List.of(trace));
      int last = demand.sizes.length - 1;
      int[] tops = IntStream.of(last / 3, 2 * last / 3, last).distinct().toArray();
      CountSearch search = search(demand, tops, trace);
      int[] best = search.best();
      assertThat(new SpillModel(demand, tops).serves(best)).as("seed %d", seed).isTrue();
      assertThat(search.cost(best))
          .isBetween(search.cost(search.bound()), search.cost(search.alone()));
      found += search.cost(best);
      least += least(search, new SpillModel(demand, tops), tops.length);
    }
    assertThat(found / least).isBetween(1.0, 1.02);
  }

  /** The least cost of any counts that serve. */
  private static long least(CountSearch search, SpillModel model, int tiers) {
    int most = IntStream.of(search.alone()).sum();
    long least = Long.MAX_VALUE;
    int[] counts = new int[tiers];
    for (int code = 0; code < Math.pow(most + 1, tiers); code++) {
      int rest = code;
      for (int tier = 0; tier < tiers; tier++) {
        counts[tier] = rest % (most + 1);
        rest /= most + 1;
      }
      if (search.cost(counts) < least && model.serves(counts)) {
        least = search.cost(counts);
      }
    }
    return least;
  }

  @Test
  void aTierThatIsIdleLends() {
    Trace trace = Samples.of("a 0 8", "a 1 8", "f 0", "f 1", "a 2 16", "a 3 16");
    Demand demand = new Demand(List.of(trace));
    CountSearch search = search(demand, new int[] {0, 1}, trace);
    assertThat(search.alone()).containsExactly(2, 2);
    assertThat(search.bound()).containsExactly(0, 2);
    assertThat(search.best()).containsExactly(0, 2);
  }

  @Test
  void aBorrowedBlockThatStaysIsPaidFor() {
    Trace trace = Samples.of("a 0 8", "a 1 8", "f 0", "a 2 16", "a 3 8");
    Demand demand = new Demand(List.of(trace));
    CountSearch search = search(demand, new int[] {0, 1}, trace);
    assertThat(search.best()).containsExactly(2, 1);
    assertThat(search.repaired(new int[] {0, 0}))
        .satisfies(
            counts -> assertThat(new SpillModel(demand, new int[] {0, 1}).serves(counts)).isTrue());
  }
}
