package io.cistern.config;

import static io.cistern.config.Texts.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import io.cistern.PressureLimits;
import io.cistern.QuotaExceededException;
import io.cistern.VerifyReport;
import io.cistern.config.PoolOptions.Fallback;
import io.cistern.config.PoolOptions.Regions;
import io.cistern.config.Profile.PoolSpec;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a profile says about who may take how much is what its pools do, in pools of each kind. Time
 * budget: 3 s.
 */
class GovernedProfileTest {
  private static final String TIERED = "tiers = [{ size = 64, count = 4 }]";

  /** A profile of one pool of tiers, 4 × 64 B, that has more keys, and so has the profile. */
  private static Profile profile(String poolKeys, String keys) {
    return load("budget = 64 KiB\n" + keys + "\npools.main { " + TIERED + "\n" + poolKeys + "\n}");
  }

  private static PoolOptions options(Profile profile) {
    return profile.pools().getFirst().options();
  }

  private static List<Long> takeAll(MemoryPool pool, int size) {
    List<Long> handles = new ArrayList<>();
    for (long h = pool.tryAllocateHandle(size); h != 0; h = pool.tryAllocateHandle(size)) {
      handles.add(h);
    }
    return handles;
  }

  @Test
  void withoutAnyOfTheKeysThereAreNoOptions() {
    Profile profile = profile("", "");
    assertThat(options(profile)).isEqualTo(PoolOptions.NONE);
    assertThat(profile.fallbackBytes()).isZero();
    assertThat(profile.buffers()).isEmpty();
    assertThat(profile.quotas()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "true", "\"on\""})
  void aSwitchIsAWord(String on) {
    assertThat(options(profile("labels = " + on, "")).labels()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TIERED,
        "kind = blocks, shape = [8], count = 4",
        "kind = variable, size = 256, maxBlocks = 4"
      })
  void poolsOfEveryKindHaveThemAll(String kind) {
    Profile profile =
        load(
            """
            budget = 64 KiB
            quotas.alarm { limit = 1 KiB, critical = on }
            pools.main {
              %s
              labels = on, resizable = on, reserve = 64, fallback = 100
              regions { least = 1, most = 2, idle = 1 h }
            }
            """
                .formatted(kind));
    assertThat(options(profile))
        .isEqualTo(
            new PoolOptions(
                true,
                true,
                true,
                64,
                new Fallback(100, false),
                new Regions(1, 2, Duration.ofHours(1))));
    try (PoolManager manager = profile.open()) {
      MemoryPool pool = manager.pool("main").labelled("codec");
      MemoryPool alarm = manager.pool("main").chargedTo(manager.quota("alarm"));
      List<Long> handles = takeAll(pool, 64);
      assertThat(handles).as("2 regions of 4 less the reserve, and 1 outside").hasSize(7 + 1);
      assertThat(manager.pool("main").stats().regions().count()).isEqualTo(2);
      List<Long> reserved = takeAll(alarm, 64);
      assertThat(reserved).hasSize(1);
      assertThat(label(pool, "codec").liveBlocks()).isEqualTo(8);
      handles.forEach(manager::free);
      reserved.forEach(manager::free);
      assertThat(manager.verify()).allMatch(VerifyReport::ok);
    }
  }

  @Test
  void checksAreThoseOfTheProfile() {
    Profile profile =
        profile(
            "checks { level = checked, redZone = 16, poison = 90, quarantine = 3, leakSamples = 7 }",
            "");
    assertThat(options(profile).checks())
        .isEqualTo(new CheckSettings(CheckLevel.CHECKED, 16, 90, 3));
    assertThat(options(profile).leakSamples()).isEqualTo(7);
    try (PoolManager manager = profile.open()) {
      MemoryPool pool = manager.pool("main");
      assertThat(pool.stats().checks().level()).isEqualTo(CheckLevel.CHECKED);
      assertThat(pool.region().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 90);
    }
  }

  private static PoolStats.Label label(MemoryPool pool, String name) {
    return pool.stats().labels().stream()
        .filter(label -> label.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void labelsAreKeptWhereTheProfileSaysSo() {
    try (PoolManager with = profile("labels = on", "").open();
        PoolManager without = profile("labels = off", "").open()) {
      with.pool("main").labelled("codec").allocate(10).close();
      assertThat(label(with.pool("main"), "codec").allocations()).isEqualTo(1);
      MemoryPool plain = without.pool("main");
      assertThatIllegalStateException()
          .isThrownBy(() -> plain.labelled("codec"))
          .withMessageContaining("'labels = on'");
    }
  }

  @Test
  void fallbackOfAPoolIsItsOwn() {
    try (PoolManager manager = profile("fallback = 100", "").open()) {
      MemoryPool pool = manager.pool("main");
      assertThat(pool.maxSize()).isEqualTo(100);
      try (MemoryBlock all = pool.allocate(100)) {
        assertThat(all.byteSize()).isEqualTo(100);
        assertThat(pool.tryAllocate(65)).isNull();
        assertThat(fallback(pool)).isEqualTo(100);
      }
      assertThat(fallback(pool)).isZero();
    }
  }

  private static long fallback(MemoryPool pool) {
    return Objects.requireNonNull(pool.stats().fallback()).liveBytes();
  }

  @Test
  void sharedFallbackIsOverAllThatShareIt() {
    Profile profile =
        load(
            """
            budget = 1 KiB
            fallback = 100
            pools {
              a { fallback = shared, tiers = [{ size = 8, count = 1 }] }
              b { fallback = shared, kind = variable, size = 8 }
              c { tiers = [{ size = 8, count = 1 }] }
            }
            """);
    assertThat(profile.fallbackBytes()).isEqualTo(100);
    assertThat(profile.neededBytes()).isEqualTo(24 + 100);
    try (PoolManager manager = profile.open();
        MemoryBlock most = manager.pool("a").allocate(90)) {
      assertThat(most.byteSize()).isEqualTo(90);
      assertThat(manager.pool("b").tryAllocate(11)).isNull();
      manager.pool("b").allocate(10).close();
      assertThat(manager.pool("c").stats().fallback()).isNull();
    }
  }

  @Test
  void aSharedFallbackOfNothingIsNone() {
    try (PoolManager manager = profile("fallback = shared", "fallback = 0").open()) {
      MemoryPool main = manager.pool("main");
      assertThat(main.maxSize()).isEqualTo(64);
      List<Long> all = takeAll(main, 1);
      assertThat(main.tryAllocate(1)).isNull();
      assertThat(Objects.requireNonNull(main.stats().fallback()).limitBytes()).isZero();
      manager.setFallbackBytes(100); // it can be given a limit later
      main.allocate(100).close();
      all.forEach(manager::free);
    }
  }

  @Test
  void aPoolThatIsNotEnabledServesFromItsFallback() {
    Profile profile = profile("enabled = off, fallback = 1 KiB", "");
    assertThat(profile.regionBytes()).isZero();
    assertThat(profile.neededBytes()).isEqualTo(1024);
    try (PoolManager manager = profile.open();
        MemoryBlock block = manager.pool("main").allocate(64)) {
      assertThat(block.byteSize()).isEqualTo(64);
      assertThat(manager.regionBytes()).isZero();
      assertThat(fallback(manager.pool("main"))).isEqualTo(64);
    }
  }

  @Test
  void regionsAreFromLeastToMost() {
    Profile profile = profile("regions { least = 2, most = 3 }", "");
    assertThat(options(profile).regions()).isEqualTo(new Regions(2, 3, Duration.ofSeconds(30)));
    assertThat(profile.regionBytes()).isEqualTo(2 * 256);
    try (PoolManager manager = profile.open()) {
      MemoryPool pool = manager.pool("main");
      assertThat(manager.regionBytes()).isEqualTo(profile.regionBytes());
      List<Long> handles = takeAll(pool, 64);
      assertThat(handles).hasSize(3 * 4);
      handles.forEach(pool::free);
    }
  }

  @Test
  void mostFollowsLeast() {
    assertThat(options(profile("regions.least = 3", "")).regions().most()).isEqualTo(3);
    assertThat(options(profile("regions.least = 0", "")).regions().most()).isEqualTo(1);
  }

  @Test
  void aPoolWithoutARegionTakesOneOnDemand() {
    Profile profile = profile("regions { least = 0, idle = 0 s }", "");
    assertThat(profile.regionBytes()).isZero();
    try (PoolManager manager = profile.open()) {
      assertThat(manager.budgetUsedBytes()).isZero();
      try (MemoryBlock block = manager.pool("main").allocate(64)) {
        assertThat(block.byteSize()).isEqualTo(64);
        assertThat(manager.budgetUsedBytes()).isEqualTo(256);
      }
    }
  }

  @Test
  void timesHaveTheUnitsOfHocon() {
    assertThat(options(profile("regions.idle = 1500 ms", "")).regions().idle())
        .isEqualTo(Duration.ofMillis(1500));
    assertThat(options(profile("regions.idle = 2 minutes", "")).regions().idle())
        .isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void countsCanBeChangedWhereTheProfileSaysSo() {
    try (PoolManager manager = profile("resizable = on", "").open()) {
      manager.setCount("main", 64, 6);
      assertThat(manager.pool("main").freeBlocks(64)).isEqualTo(6);
    }
  }

  @Test
  void quotasAreATree() {
    Profile profile =
        profile(
            "",
            """
            quotas {
              network {
                limit = 192
                guaranteed = 64
                quotas { tcp { limit = 128, guaranteed = 64 }, udp { limit = 64 } }
              }
              alarm { limit = 64, critical = on, quotas { siren { limit = 64 } } }
            }
            """);
    assertThat(profile.quotas())
        .containsExactly(
            new QuotaSpec("network", 192, 64, false),
            new QuotaSpec("network/tcp", 128, 64, false),
            new QuotaSpec("network/udp", 64, 0, false),
            new QuotaSpec("alarm", 64, 0, true),
            new QuotaSpec("alarm/siren", 64, 0, true));
    try (PoolManager manager = profile.open()) {
      MemoryPool tcp = manager.pool("main").chargedTo(manager.quota("network/tcp"));
      List<Long> handles = takeAll(tcp, 1);
      assertThat(handles).hasSize(2);
      assertThatExceptionOfType(QuotaExceededException.class)
          .isThrownBy(() -> tcp.allocate(1))
          .satisfies(refused -> assertThat(refused.path()).isEqualTo("network/tcp"));
      assertThat(manager.quota("alarm/siren").isCritical()).isTrue();
      handles.forEach(manager::free);
      assertThat(manager.verify()).allMatch(VerifyReport::ok);
    }
  }

  /** The checks of a profile are those of core, to the byte. */
  @Test
  void guaranteesThatJustFitAreKept() {
    String quotas =
        "quotas { a { limit = 300, quotas { b { limit = 200, guaranteed = 100 }, c { limit = 56, guaranteed = 56 } } }, d { limit = %d, guaranteed = %<d } }";
    try (PoolManager manager = profile("", quotas.formatted(100)).open()) {
      assertThat(manager.quota("d").guaranteedBytes()).isEqualTo(100);
    }
    assertThat(
            Texts.problemsOf(
                "budget = 64 KiB\n" + quotas.formatted(101) + "\npools.main { " + TIERED + " }"))
        .singleElement()
        .extracting(ProfileException.Problem::rule)
        .isEqualTo(
            "must guarantee at most 256 B, which is all that there can be, and guarantee 257 B (a 156 B, d 101 B)");
  }

  @Test
  void aReserveIsForCriticalQuotas() {
    Profile profile = profile("reserve = 100", "quotas { alarm { limit = 256, critical = true } }");
    try (PoolManager manager = profile.open()) {
      MemoryPool pool = manager.pool("main");
      List<Long> ordinary = takeAll(pool, 64);
      assertThat(ordinary).as("100 B are 2 blocks of 64 B").hasSize(2);
      List<Long> critical = takeAll(pool.chargedTo(manager.quota("alarm")), 64);
      assertThat(critical).hasSize(2);
      assertThatExceptionOfType(PoolExhaustedException.class).isThrownBy(() -> pool.allocate(1));
      ordinary.forEach(pool::free);
      critical.forEach(pool::free);
    }
  }

  @Test
  void staticBuffersAreMemoryOfTheirOwn() {
    Profile profile = profile("", "buffers {\n i2s-input = 16 KiB\n dma_1 = 100\n}");
    assertThat(List.copyOf(profile.buffers().keySet())).containsExactly("i2s-input", "dma_1");
    assertThat(profile.neededBytes()).isEqualTo(256 + 16_384 + 100);
    try (PoolManager manager = profile.open()) {
      assertThat(manager.buffer("i2s-input").byteSize()).isEqualTo(16_384);
      assertThat(manager.buffer("dma_1").byteSize()).isEqualTo(100);
      assertThat(manager.budgetUsedBytes()).isEqualTo(profile.neededBytes());
    }
  }

  @Test
  void aProfileThatJustFitsOpensAndWithAByteLessIsRefused() {
    Profile loaded =
        load(
            """
            budget = 1 MiB
            fallback = 10
            buffers.one = 20
            pools.a { %s, fallback = shared, regions.least = 2 }
            pools.b { %s, fallback = 40 }
            """
                .formatted(TIERED, TIERED));
    assertThat(loaded.neededBytes()).isEqualTo(10 + 20 + (2 * 256) + 256 + 40);
    try (PoolManager manager = loaded.withBudget(loaded.neededBytes()).open()) {
      assertThat(manager.budgetUsedBytes()).isEqualTo(manager.budgetBytes());
    }
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> loaded.withBudget(loaded.neededBytes() - 1).open())
        .withMessageContaining((loaded.neededBytes() - 1) + " B");
  }

  @Test
  void theOrderOfPoolsIsThatOfTheFileWhereverOtherSectionsStand() {
    Profile profile =
        load(
            "budget = 1 MiB\npools.z { %s }\nbuffers.b = 1\npools.a { %s }"
                .formatted(TIERED, TIERED));
    assertThat(profile.pools()).extracting(PoolSpec::name).containsExactly("z", "a");
  }

  @Test
  void pressureLimitsAreThoseOfTheManager() {
    Profile profile =
        Texts.load(
            """
            budget = 64 KiB
            pools.main.tiers = [{ size = 1 KiB, count = 4 }]
            pressure {
              lowPercent = 70, criticalPercent = 90, lowFree = 60 KiB, criticalFree = 10 KiB
              lowFragmentation = 50, criticalFragmentation = 60
            }
            """);
    try (PoolManager pools = profile.open()) {
      assertThat(pools.pressureLimits())
          .isEqualTo(
              PressureLimits.defaults()
                  .withUsedPercent(70, 90)
                  .withFreeBytes(60 * 1024, 10 * 1024)
                  .withFragmentationPercent(50, 60));
      assertThat(pools.pressure()).isEqualTo(PressureLevel.NORMAL);
    }
  }
}
