package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.simulator.Samples;
import io.cistern.simulator.Trace;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many blocks of which size are live, against counting them. Time budget: 3 s. */
class LiveSizesTest {
  @Test
  void peaksAreThoseOfCounting() {
    for (int seed = 0; seed < 10; seed++) {
      List<Trace> traces = List.of(Samples.random(seed, 300), Samples.random(seed + 50, 200));
      Demand demand = new Demand(traces);
      LiveSizes live = new LiveSizes(demand);
      int[] together = live.together();
      for (int size = 0; size < demand.sizes.length; size++) {
        int atLeast = most(traces, demand.sizes[size] - 7, Integer.MAX_VALUE);
        assertThat(live.atLeast(size)).as("seed %d", seed).isEqualTo(atLeast);
        assertThat(live.alone()[size])
            .isEqualTo(most(traces, demand.sizes[size] - 7, demand.sizes[size]));
        assertThat(together[size]).isEqualTo(atLeast - live.atLeast(size + 1));
      }
    }
  }

  /** Most blocks whose size lies between two that are live at once in a trace. */
  private static int most(List<Trace> traces, int least, int most) {
    int peak = 0;
    for (Trace trace : traces) {
      int[] sizes = new int[trace.blocks()];
      int count = 0;
      for (int i = 0; i < trace.operations(); i++) {
        int block = trace.block(i);
        count -= sizes[block] >= least && sizes[block] <= most ? 1 : 0;
        sizes[block] = Math.abs(trace.size(i));
        count += sizes[block] >= least && sizes[block] <= most ? 1 : 0;
        peak = Math.max(peak, count);
      }
    }
    return peak;
  }
}
