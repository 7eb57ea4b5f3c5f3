package io.cistern.cli;

import io.cistern.PoolStats;
import java.util.Comparator;
import java.util.Map;
import java.util.function.ToLongFunction;

/** In which order pools are shown; their tiers always from small to large. */
enum TopSort {
  /** The fullest first. */
  USED,
  /** The busiest first. */
  RATE,
  /** Those that refuse most first. */
  FAILED,
  /** By name. */
  NAME;

  TopSort next() {
    return switch (this) {
      case USED -> RATE;
      case RATE -> FAILED;
      case FAILED -> NAME;
      case NAME -> USED;
    };
  }

  /** Equal ones by name, so that lines do not jump. */
  Comparator<PoolStats> order(Map<String, TopFlow> flows) {
    Comparator<PoolStats> byName = Comparator.comparing(PoolStats::pool);
    return switch (this) {
      case USED -> Comparator.comparingDouble(TopSort::share).reversed().thenComparing(byName);
      case RATE -> by(flows, TopFlow::allocations).thenComparing(byName);
      case FAILED ->
          by(flows, TopFlow::failed)
              .thenComparing(Comparator.comparingLong(PoolStats::failed).reversed())
              .thenComparing(byName);
      case NAME -> byName;
    };
  }

  private static double share(PoolStats pool) {
    long total = pool.usedBytes() + pool.freeBytes();
    return total == 0 ? 0 : (double) pool.usedBytes() / total;
  }

  private static Comparator<PoolStats> by(
      Map<String, TopFlow> flows, ToLongFunction<TopFlow> figure) {
    return Comparator.comparingLong(
            (PoolStats pool) -> {
              TopFlow flow = flows.get(TopFlow.key(pool));
              return flow == null ? 0 : figure.applyAsLong(flow);
            })
        .reversed();
  }
}
