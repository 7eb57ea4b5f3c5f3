package io.cistern.config;

import static java.util.stream.Collectors.joining;

import io.cistern.config.Profile.PoolSpec;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a profile takes from its budget when it is opened: the regions that pools have at least, the
 * static buffers, and fallback memory as far as it may go. Exact, however much it is.
 *
 * @param pools bytes by name
 * @param others bytes by what it is for
 */
record ProfileNeeds(Map<String, Long> pools, Map<String, Long> others) {
  static ProfileNeeds of(List<PoolSpec> pools, Map<String, Long> buffers, long fallbackBytes) {
    Map<String, Long> regions = new LinkedHashMap<>();
    Map<String, Long> others = new LinkedHashMap<>();
    for (PoolSpec pool : pools) {
      regions.put(pool.name(), pool.openingBytes());
      if (pool.options().fallback().bytes() > 0) {
        others.put("fallback of " + pool.name(), pool.options().fallback().bytes());
      }
    }
    buffers.forEach((name, bytes) -> others.put("buffer " + name, bytes));
    if (fallbackBytes > 0) {
      others.put("fallback", fallbackBytes);
    }
    return new ProfileNeeds(regions, others);
  }

  BigInteger total() {
    return sum(pools).add(sum(others));
  }

  private static BigInteger sum(Map<String, Long> bytes) {
    return bytes.values().stream()
        .map(BigInteger::valueOf)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** Who needs it, as in "the pools need (main 4096 B)". */
  @Override
  public String toString() {
    String who = others.isEmpty() ? "the pools need" : "pools, buffers and fallback memory need";
    Map<String, Long> each = new LinkedHashMap<>(pools);
    each.putAll(others);
    return each.entrySet().stream()
        .map(part -> part.getKey() + " " + part.getValue() + " B")
        .collect(joining(", ", who + " (", ")"));
  }
}
