package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What actuator tells of pools. */
class HealthAndMetricsTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  CisternAutoConfiguration.class,
                  CisternHealthAutoConfiguration.class,
                  CisternMetricsAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  CompositeMeterRegistryAutoConfiguration.class))
          .withBean(SimpleMeterRegistry.class)
          .withPropertyValues(
              "cistern.budget=64 KiB",
              "cistern.pools.main.labels=on",
              "cistern.pools.main.spill=off",
              "cistern.pools.main.tiers[0].size=1 KiB",
              "cistern.pools.main.tiers[0].count=20");

  @Test
  void pressureIsHealth() {
    runner.run(context -> {
      PoolManager manager = context.getBean(PoolManager.class);
      HealthIndicator indicator = context.getBean(HealthIndicator.class);
      assertThat(statusWith(manager, indicator, 15)).isEqualTo(Status.UP);
      assertThat(statusWith(manager, indicator, 16)).isEqualTo(Status.UP);
      assertThat(statusWith(manager, indicator, 19)).isEqualTo(Status.OUT_OF_SERVICE);
    });
  }

  @Test
  void statusesAreProperties() {
    runner
        .withPropertyValues("cistern.health.low=CROWDED", "cistern.health.critical=UP")
        .run(context -> {
          PoolManager manager = context.getBean(PoolManager.class);
          HealthIndicator indicator = context.getBean(HealthIndicator.class);
          assertThat(statusWith(manager, indicator, 16)).isEqualTo(new Status("CROWDED"));
          assertThat(statusWith(manager, indicator, 20)).isEqualTo(Status.UP);
        });
  }

  @Test
  void detailsHaveTheFigures() {
    runner.run(context -> {
      PoolManager manager = context.getBean(PoolManager.class);
      Health health;
      try (MemoryBlock block = manager.pool("main").allocate(700)) {
        assertThat(block.isLive()).isTrue();
        health = health(context.getBean(HealthIndicator.class));
      }
      assertThat(health.getDetails())
          .containsEntry("pressure", io.cistern.PressureLevel.NORMAL)
          .containsEntry("budget", 65536L)
          .containsEntry("budgetUsed", 20480L);
      assertThat(health.getDetails())
          .extractingByKey("pools", InstanceOfAssertFactories.MAP)
          .extractingByKey("main", InstanceOfAssertFactories.MAP)
          .containsAllEntriesOf(
              Map.of("used", 1024L, "total", 20480L, "liveBlocks", 1, "failed", 0L))
          .containsKey("oldest");
    });
  }

  @Test
  void closedPoolIsDown() {
    runner.run(context -> {
      context.getBean(PoolManager.class).pool("main").close();
      assertThat(health(context.getBean(HealthIndicator.class)).getStatus()).isEqualTo(Status.DOWN);
    });
  }

  @Test
  void healthCanBeSwitchedOff() {
    runner
        .withPropertyValues("management.health.cistern.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(PoolHealthIndicator.class));
  }

  @Test
  void unknownHealthKeyIsRefused() {
    runner
        .withPropertyValues("cistern.health.critcal=UP")
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("cistern.health.critcal"));
  }

  @Test
  void figuresAreMeters() {
    runner.run(context -> {
      MeterRegistry meters = context.getBean(MeterRegistry.class);
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      try (MemoryBlock block = pool.allocate(700)) {
        assertThat(block.isLive()).isTrue();
        assertThat(pool.allocate(10)).satisfies(MemoryBlock::close);
        assertThat(pool(meters, "used")).isEqualTo(1024);
        assertThat(pool(meters, "capacity")).isEqualTo(20480);
        assertThat(pool(meters, "blocks")).isEqualTo(1);
        assertThat(meters.get("cistern.pool.allocations").functionCounter().count()).isEqualTo(2);
        assertThat(meters.get("cistern.pool.frees").functionCounter().count()).isEqualTo(1);
        assertThat(
                meters
                    .get("cistern.tier.used")
                    .tags("pool", "main", "tier", "1024")
                    .gauge()
                    .value())
            .isEqualTo(1);
        assertThat(meters.get("cistern.budget.max").gauge().value()).isEqualTo(65536);
      }
      assertThat(meters.get("cistern.pool.failed").functionCounter().count()).isZero();
      exhaust(pool);
      assertThat(meters.get("cistern.pool.failed").functionCounter().count()).isEqualTo(1);
      assertThat(meters.get("cistern.tier.failed").functionCounter().count()).isEqualTo(1);
      assertThat(meters.get("cistern.tier.peak").gauge().value()).isEqualTo(20);
    });
  }

  @Test
  void labelsAppearWhenTheyAreUsed() {
    runner.run(context -> {
      MeterRegistry meters = context.getBean(MeterRegistry.class);
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      assertThat(meters.find("cistern.label.used").tag("label", "late").gauge()).isNull();
      try (MemoryBlock block = pool.labelled("late").allocate(700)) {
        assertThat(block.isLive()).isTrue();
        assertThat(pool(meters, "blocks")).isEqualTo(1); // a new round: labels are looked at
        assertThat(meters.get("cistern.label.used").tag("label", "late").gauge().value())
            .isEqualTo(1024);
        assertThat(meters.get("cistern.label.blocks").tag("label", "late").gauge().value())
            .isEqualTo(1);
      }
    });
  }

  @Test
  void metersGoWithTheContext() {
    SimpleMeterRegistry[] meters = new SimpleMeterRegistry[1];
    runner.run(context -> {
      meters[0] = context.getBean(SimpleMeterRegistry.class);
      assertThat(meters[0].find("cistern.pool.used").gauge()).isNotNull();
    });
    assertThat(meters[0].find("cistern.pool.used").gauge()).isNull();
  }

  private static double pool(MeterRegistry meters, String name) {
    return meters.get("cistern.pool." + name).tag("pool", "main").gauge().value();
  }

  private static void exhaust(MemoryPool pool) {
    withBlocks(pool, 20, taken -> assertThat(pool.tryAllocate(10)).isNull());
  }

  private static Status statusWith(PoolManager manager, HealthIndicator indicator, int used) {
    Status[] status = new Status[1];
    withBlocks(manager.pool("main"), used, taken -> status[0] = health(indicator).getStatus());
    return status[0];
  }

  private static void withBlocks(MemoryPool pool, int count, Consumer<List<MemoryBlock>> use) {
    List<MemoryBlock> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(pool.allocate(1000));
    }
    use.accept(taken);
    taken.forEach(MemoryBlock::close);
  }

  private static Health health(HealthIndicator indicator) {
    Health health = indicator.health(true);
    assertThat(health).isNotNull();
    return java.util.Objects.requireNonNull(health);
  }
}
