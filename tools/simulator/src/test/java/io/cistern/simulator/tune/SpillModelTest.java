package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import io.cistern.simulator.Samples;
import io.cistern.simulator.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The model of a pool, against a real one that is asked for the same: both refuse nothing, or both
 * refuse. Time budget: 5 s.
 */
class SpillModelTest {
  @Test
  void refusesWhenARealPoolDoes() {
    int served = 0;
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      Trace trace = Samples.random(seed, 400);
      Demand demand = new Demand(List.of(trace));
      int[] tops = tops(random, demand.sizes.length);
      SpillModel model = new SpillModel(demand, tops);
      int[] counts = model.peaks();
      assertThat(model.serves(counts)).isTrue();
      assertThat(model.used(counts)).containsExactly(counts);
      Arrays.setAll(counts, t -> Math.max(1, counts[t] - random.nextInt(3)));
      boolean serves = model.serves(counts);
      served += serves ? 1 : 0;
      assertThat(serves).as("seed %d", seed).isEqualTo(realServes(trace, demand, tops, counts));
      assertThat(Arrays.stream(model.shortages(counts)).sum() == 0).isEqualTo(serves);
    }
    assertThat(served).as("both outcomes were met").isBetween(10, 140);
  }

  private static int[] tops(Random random, int sizes) {
    return IntStream.concat(random.ints(4, 0, sizes), IntStream.of(sizes - 1))
        .distinct()
        .sorted()
        .toArray();
  }

  private static boolean realServes(Trace trace, Demand demand, int[] tops, int[] counts) {
    MemoryPool.Builder builder = MemoryPool.builder().spill(Spill.ANY);
    for (int tier = 0; tier < tops.length; tier++) {
      builder.tier(demand.sizes[tops[tier]], counts[tier]);
    }
    MemoryPool pool = builder.build();
    try {
      return serves(trace, pool);
    } finally {
      pool.closeNow();
    }
  }

  private static boolean serves(Trace trace, MemoryPool pool) {
    long[] handles = new long[trace.blocks()];
    for (int i = 0; i < trace.operations(); i++) {
      int block = trace.block(i);
      int size = trace.size(i);
      if (size == 0) {
        pool.free(handles[block]);
        handles[block] = MemoryPool.NO_HANDLE;
      } else if (size > 0 || !pool.tryResize(handles[block], -size)) {
        long handle = pool.tryAllocateHandle(Math.abs(size));
        if (handle == MemoryPool.NO_HANDLE) {
          return false;
        }
        pool.free(handles[block]);
        handles[block] = handle;
      }
    }
    return true;
  }
}
