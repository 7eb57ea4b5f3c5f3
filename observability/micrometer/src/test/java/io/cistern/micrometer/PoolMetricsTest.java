package io.cistern.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.ManagerStats;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How meters follow pools, and what a scrape costs. Time budget: 5 s. */
class PoolMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void oneScrapeTakesOneSnapshot() {
    PoolManager.Builder builder = PoolManager.builder();
    for (int i = 0; i < 20; i++) {
      MemoryPool.Builder pool = MemoryPool.builder();
      for (int tier = 0; tier < 10; tier++) {
        pool.tier(64L << tier, 8);
      }
      builder.pool("pool" + i, pool);
    }
    AtomicInteger snapshots = new AtomicInteger();
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (PoolManager manager = builder.build()) {
      Suspects suspects = new Suspects(manager, Duration.ZERO, Duration.ofDays(1), nanos::get);
      Binding binding =
          new Binding(
              prometheus,
              Tags.empty(),
              () -> {
                snapshots.incrementAndGet();
                return new Scene(manager.stats(), suspects.reports());
              },
              nanos::get);
      binding.open();
      assertThat(prometheus.getMeters()).hasSizeGreaterThan(20 * (10 * 12 + 20));
      assertThat(snapshots).hasValue(1);
      for (int scrapes = 1; scrapes <= 5; scrapes++) {
        assertThat(prometheus.scrape()).contains("cistern_tier_used_blocks");
        assertThat(snapshots).hasValue(scrapes + 1);
      }
      binding.close();
    }
  }

  @Test
  void roundThatIsOldIsOver() {
    try (Rig rig = new Rig();
        PoolMetrics metrics = PoolMetrics.builder(rig.manager).clock(nanos::get).build()) {
      metrics.bindTo(registry);
      assertThat(gauge("cistern.pool.blocks", "pool", "tight")).isZero();
      try (MemoryBlock block = rig.pool("tight").allocate(64)) {
        assertThat(block.isLive()).isTrue();
        assertThat(gauge("cistern.pool.used", "pool", "tight")).isZero();
        nanos.addAndGet(Rounds.MOST_NANOS + 1);
        assertThat(gauge("cistern.pool.waiting", "pool", "tight")).isZero();
        assertThat(gauge("cistern.pool.used", "pool", "tight")).isEqualTo(64);
      }
    }
  }

  @Test
  void labelsAndReclaimersComeAndGo() {
    try (Rig rig = new Rig();
        PoolMetrics metrics = new PoolMetrics(rig.manager)) {
      metrics.bindTo(registry);
      assertThat(registry.find("cistern.label.used").tag("label", "late").gauge()).isNull();
      try (MemoryBlock block = rig.pool("main").labelled("late").allocate(200)) {
        assertThat(block.isLive()).isTrue();
        scrape();
        assertThat(gauge("cistern.label.used", "label", "late")).isEqualTo(256);
      }
      assertThat(registry.find("cistern.reclaimer.runs").functionCounter()).isNotNull();
      rig.closeReclaimer();
      scrape();
      assertThat(registry.find("cistern.reclaimer.runs").functionCounter()).isNull();
    }
  }

  /** Reads everything twice, so that the second time is of a new round. */
  private void scrape() {
    for (int i = 0; i < 2; i++) {
      registry.getMeters().forEach(meter -> meter.measure().forEach(x -> x.getValue()));
    }
  }

  @Test
  void limitsThatAreNotThereHaveNoMeter() {
    try (PoolManager manager =
            PoolManager.builder().pool("one", MemoryPool.builder().tier(64, 1)).build();
        PoolMetrics metrics = new PoolMetrics(manager)) {
      metrics.bindTo(registry);
      assertThat(registry.find("cistern.budget.max").gauge()).isNull();
      assertThat(registry.find("cistern.fallback.max").gauge()).isNull();
      assertThat(registry.find("cistern.pool.fallback.max").gauge()).isNull();
      assertThat(registry.find("cistern.variable.free").gauge()).isNull();
      manager.setBudget(1 << 20);
      scrape();
      assertThat(gauge("cistern.budget.max")).isEqualTo(1 << 20);
    }
  }

  @Test
  void suspectsAreLookedForNowAndThen() {
    try (Rig rig = new Rig();
        PoolMetrics metrics =
            PoolMetrics.builder(rig.manager)
                .suspectsOlderThan(Duration.ZERO)
                .suspectsEvery(Duration.ofSeconds(30))
                .clock(nanos::get)
                .build()) {
      metrics.bindTo(registry);
      try (MemoryBlock block = rig.pool("main").allocate(200)) {
        assertThat(block.isLive()).isTrue();
        scrape();
        assertThat(gauge("cistern.pool.suspects.blocks", "pool", "main")).isZero();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(30));
        assertThat(gauge("cistern.pool.suspects.blocks", "pool", "main")).isEqualTo(1);
        assertThat(gauge("cistern.pool.suspects.size", "pool", "main")).isEqualTo(200);
        assertThat(gauge("cistern.pool.suspects.blocks", "pool", "tight")).isZero();
      }
    }
  }

  @Test
  void closeTakesTheMetersOut() {
    CompositeMeterRegistry all = new CompositeMeterRegistry();
    all.add(registry);
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (Rig rig = new Rig().busy()) {
      PoolMetrics metrics = new PoolMetrics(rig.manager);
      metrics.bindTo(all);
      metrics.bindTo(prometheus);
      assertThat(registry.getMeters()).isNotEmpty();
      assertThat(prometheus.scrape()).contains("cistern_pool_used_bytes");
      metrics.close();
      assertThat(registry.getMeters()).isEmpty();
      assertThat(prometheus.getMeters()).isEmpty();
      assertThat(prometheus.scrape()).isEmpty();
      metrics.bindTo(prometheus);
      assertThat(prometheus.scrape()).contains("cistern_pool_used_bytes");
      metrics.close();
    }
  }

  @Test
  void readingDuringCloseBringsNothingBack() {
    try (Rig rig = new Rig()) {
      PoolMetrics metrics = new PoolMetrics(rig.manager);
      metrics.bindTo(registry);
      Meter meter = registry.get("cistern.pressure").meter();
      metrics.close();
      try (MemoryBlock block = rig.pool("main").labelled("late").allocate(200)) {
        assertThat(block.isLive()).isTrue();
        meter.measure().forEach(x -> x.getValue());
        meter.measure().forEach(x -> x.getValue());
      }
      assertThat(registry.getMeters()).isEmpty();
    }
  }

  @Test
  void metersOfClosedPoolsCanBeRead() {
    Rig rig = new Rig();
    new PoolMetrics(rig.manager).bindTo(registry);
    rig.close();
    assertThat(registry.getMeters()).isNotEmpty();
    scrape();
    assertThat(gauge("cistern.pool.used", "pool", "main")).isZero();
  }

  @Test
  void secondManagerNeedsATag() {
    try (Rig one = new Rig();
        Rig other = new Rig();
        PoolMetrics first = new PoolMetrics(one.manager);
        PoolMetrics tagged =
            PoolMetrics.builder(other.manager).tags(Tags.of("manager", "b")).build()) {
      PoolMetrics second = new PoolMetrics(other.manager);
      first.bindTo(registry);
      assertThatThrownBy(() -> second.bindTo(registry))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the registry has a meter 'cistern.pressure' with the tags {} already: give the meters of each manager a tag of their own, as in PoolMetrics.builder(manager).tags(Tags.of(\"manager\", \"orders\"))");
      int before = registry.getMeters().size();
      tagged.bindTo(registry);
      assertThat(registry.getMeters()).hasSize(2 * before);
      second.close();
      assertThat(registry.getMeters()).hasSize(2 * before);
      try (MemoryBlock block = other.pool("tight").allocate(64)) {
        assertThat(block.isLive()).isTrue();
        scrape();
        assertThat(gauge("cistern.pool.used", "pool", "tight", "manager", "b")).isEqualTo(64);
      }
    }
  }

  @Test
  void timesOutOfRangeAreRefused() {
    try (Rig rig = new Rig()) {
      PoolMetrics.Builder builder = PoolMetrics.builder(rig.manager);
      assertThatThrownBy(() -> builder.suspectsOlderThan(Duration.ofSeconds(-1)))
          .hasMessage("an age of suspects of PT-1S: zero to 365 days are possible");
      assertThatThrownBy(() -> builder.suspectsEvery(Duration.ofDays(366)))
          .hasMessage(
              "a time between looks for suspects of PT8784H: zero to 365 days are possible");
    }
  }

  /** A figure that is added to a snapshot must be shown, or be left out here on purpose. */
  @Test
  void figuresOfTheSnapshotAreKnownByName() {
    assertThat(components(ManagerStats.class))
        .containsExactly(
            "timeMillis",
            "budgetBytes",
            "budgetUsedBytes",
            "regionBytes",
            "fallbackLimitBytes",
            "fallbackLiveBytes",
            "pressure",
            "pools",
            "quotas",
            "reclaimers");
  }

  private static java.util.List<String> components(Class<? extends Record> type) {
    return java.util.Arrays.stream(type.getRecordComponents())
        .map(java.lang.reflect.RecordComponent::getName)
        .toList();
  }

  @Test
  void registryMayHaveCommonTags() {
    MeterRegistry tagged = registry;
    tagged.config().commonTags("host", "a");
    try (Rig rig = new Rig();
        PoolMetrics metrics = new PoolMetrics(rig.manager);
        PoolMetrics again = new PoolMetrics(rig.manager)) {
      metrics.bindTo(tagged);
      assertThat(gauge("cistern.pressure", "host", "a")).isZero();
      assertThatThrownBy(() -> again.bindTo(tagged)).isInstanceOf(IllegalStateException.class);
    }
  }
}
