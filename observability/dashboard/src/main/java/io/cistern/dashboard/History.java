package io.cistern.dashboard;

import io.cistern.ManagerStats;
import io.cistern.PoolStats;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the charts of a new page begin with: a few figures a second of each pool, for some minutes.
 * The names are those of the snapshot, or of its methods; counts are totals, so that rates follow
 * from two of them.
 */
final class History {
  private record Point(long timeMillis, List<OfPool> pools) {}

  private record OfPool(
      String pool,
      double utilizationPercent,
      long usedBytes,
      long allocations,
      long failed,
      double fragmentationPercent,
      int pressure) {
    static OfPool of(PoolStats stats) {
      return new OfPool(
          stats.pool(),
          stats.usedBytes() + stats.freeBytes() == 0 ? 0 : stats.utilizationPercent(),
          stats.usedBytes(),
          stats.allocations(),
          stats.failed(),
          fragmentation(stats),
          switch (stats.pressure()) {
            case NORMAL -> 0;
            case LOW -> 1;
            case CRITICAL -> 2;
          });
    }

    /** External where there are pieces; of tiers, which have none, internal, over all of them. */
    private static double fragmentation(PoolStats stats) {
      PoolStats.Variable variable = stats.variable();
      if (variable != null) {
        return variable.externalFragmentationPercent();
      }
      long granted = stats.tiers().stream().mapToLong(PoolStats.Tier::grantedBytes).sum();
      long asked = stats.tiers().stream().mapToLong(PoolStats.Tier::requestedBytes).sum();
      return granted == 0 ? 0 : Math.max(0, 100.0 * (granted - asked) / granted);
    }
  }

  private final int most;
  private final Deque<Point> points = new ArrayDeque<>();

  History(int seconds) {
    this.most = seconds;
  }

  synchronized void add(ManagerStats stats) {
    points.addLast(new Point(stats.timeMillis(), stats.pools().stream().map(OfPool::of).toList()));
    while (points.size() > most) {
      points.removeFirst();
    }
  }

  /** By pool, a list for each figure, all as long as that of the times. */
  synchronized ObjectNode all() {
    ObjectNode history = Json.MAPPER.createObjectNode();
    ArrayNode times = history.putArray("timeMillis");
    points.forEach(point -> times.add(point.timeMillis));
    ArrayNode pools = history.putArray("pools");
    int count = points.isEmpty() ? 0 : points.getFirst().pools.size();
    for (int at = 0; at < count; at++) {
      pools.add(pool(at));
    }
    return history;
  }

  private ObjectNode pool(int at) {
    ObjectNode pool =
        Json.MAPPER.createObjectNode().put("pool", points.getFirst().pools.get(at).pool());
    ArrayNode percent = pool.putArray("utilizationPercent");
    ArrayNode used = pool.putArray("usedBytes");
    ArrayNode allocations = pool.putArray("allocations");
    ArrayNode failed = pool.putArray("failed");
    ArrayNode fragmentation = pool.putArray("fragmentationPercent");
    ArrayNode pressure = pool.putArray("pressure");
    for (Point point : points) {
      OfPool then = point.pools.get(at);
      percent.add(then.utilizationPercent());
      used.add(then.usedBytes());
      allocations.add(then.allocations());
      failed.add(then.failed());
      fragmentation.add(then.fragmentationPercent());
      pressure.add(then.pressure());
    }
    return pool;
  }
}
