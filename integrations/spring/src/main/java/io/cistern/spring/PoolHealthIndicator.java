package io.cistern.spring;

import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * The health of all pools of a manager, from how hard they are pressed as a whole ({@link
 * PoolManager#pressure()}): UP when that is NORMAL, else as {@link PoolHealthProperties} say; DOWN
 * when a pool is closed. The details have the pressure, the budget, and for each pool its bytes,
 * its live blocks with the age of the oldest, and how many requests failed.
 *
 * <p>Takes some microseconds a pool, and no lock. Safe for use by several threads.
 */
public final class PoolHealthIndicator extends AbstractHealthIndicator {
  private final PoolManager manager;
  private final PoolHealthProperties properties;

  /**
   * An indicator.
   *
   * @param manager whose pools
   * @param properties which status a level has
   */
  public PoolHealthIndicator(PoolManager manager, PoolHealthProperties properties) {
    super("the pools cannot be looked at");
    this.manager = Objects.requireNonNull(manager, "manager");
    this.properties = Objects.requireNonNull(properties, "properties");
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    PressureLevel pressure = manager.pressure();
    health.status(statusAt(pressure)).withDetail("pressure", pressure);
    if (manager.pools().stream().anyMatch(MemoryPool::isClosed)) {
      health.down();
    }
    if (manager.budgetBytes() < Long.MAX_VALUE) {
      health.withDetail("budget", manager.budgetBytes());
      health.withDetail("budgetUsed", manager.budgetUsedBytes());
    }
    Map<String, Object> pools = new LinkedHashMap<>();
    manager.pools().forEach(pool -> pools.put(pool.name(), details(pool)));
    health.withDetail("pools", pools);
  }

  private Status statusAt(PressureLevel pressure) {
    return switch (pressure) {
      case NORMAL -> Status.UP;
      case LOW -> new Status(properties.low());
      case CRITICAL -> new Status(properties.critical());
    };
  }

  private static Map<String, Object> details(MemoryPool pool) {
    Map<String, Object> details = new LinkedHashMap<>();
    if (pool.isClosed()) {
      details.put("closed", true);
      return details;
    }
    PoolStats now = pool.stats();
    details.put("pressure", now.pressure());
    details.put("used", now.usedBytes());
    details.put("total", now.usedBytes() + now.freeBytes());
    details.put("liveBlocks", now.used());
    if (now.used() > 0) {
      details.put("oldest", oldest(pool.report(Duration.ZERO)).toString());
    }
    details.put("failed", now.failed());
    return details;
  }

  /** Of those blocks whose allocation was sampled; zero when none was. */
  private static Duration oldest(LeakReport report) {
    return Stream.concat(report.sites().stream(), report.lost().stream())
        .map(LeakReport.Site::oldest)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
