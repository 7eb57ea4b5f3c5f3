package io.cistern.config;

import static io.cistern.config.Texts.GOOD;
import static io.cistern.config.Texts.assertRefused;
import static io.cistern.config.Texts.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.cistern.Spill;
import io.cistern.config.Profile.PoolSpec;
import io.cistern.config.Profile.TierSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Overrides by properties and variables: what they reach, who wins, how they are refused. Time
 * budget: 2 s.
 */
class OverridesTest {
  private static Overrides properties(String... namesAndValues) {
    return Overrides.of(Map.of(), map(namesAndValues));
  }

  private static Overrides environment(String... namesAndValues) {
    return Overrides.of(map(namesAndValues), Map.of());
  }

  private static Map<String, String> map(String... namesAndValues) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private static PoolSpec main(Overrides overrides) {
    return load(GOOD, overrides).pools().getFirst();
  }

  @Test
  void propertyBeatsFile() {
    assertThat(main(properties("cistern.pools.main.lowPercent", "70")).lowPercent()).isEqualTo(70);
  }

  @Test
  void aProgramsValueBeatsFileAndProcess() {
    System.setProperty("cistern.pools.main.lowPercent", "70");
    try {
      Profile profile =
          Profile.parse("mine", GOOD, List.of(new Placed("here", "pools.main.lowPercent", "65")));
      assertThat(profile.pools().getFirst().lowPercent()).isEqualTo(65);
      assertThat(Profile.parse("mine", GOOD, List.of()).pools().getFirst().lowPercent())
          .as("the process is not asked")
          .isNotEqualTo(70);
    } finally {
      System.clearProperty("cistern.pools.main.lowPercent");
    }
    assertThat(Profile.load("prism", List.of(new Placed("here", "budget", "1 MiB"))).budgetBytes())
        .isEqualTo(1 << 20);
  }

  @Test
  void aProgramsValueIsCheckedAndItsOriginNamed() {
    List<Placed> wrong = List.of(new Placed("application.yaml:7", "pools.main.lowPercent", "700"));
    assertThatThrownBy(() -> Profile.parse("mine", GOOD, wrong))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("application.yaml:7")
        .hasMessageContaining("pools.main.lowPercent = 700");
  }

  @Test
  void variableBeatsFile() {
    assertThat(main(environment("CISTERN_pools_main_lowPercent", "60")).lowPercent()).isEqualTo(60);
  }

  @Test
  void propertyBeatsVariable() {
    Overrides both =
        Overrides.of(
            Map.of("CISTERN_pools_main_lowPercent", "60", "CISTERN_budget", "1 MiB"),
            Map.of("cistern.pools.main.lowPercent", "70"));
    assertThat(main(both).lowPercent()).isEqualTo(70);
    assertThat(load(GOOD, both).budgetBytes()).isEqualTo(1 << 20);
  }

  @Test
  void everythingElseStaysAsItIs() {
    PoolSpec before = load(GOOD).pools().getFirst();
    PoolSpec after = main(properties("cistern.pools.main.spill", "any"));
    assertThat(after)
        .isEqualTo(
            new PoolSpec(
                before.name(),
                before.kind(),
                before.tiers(),
                before.variable(),
                Spill.ANY,
                before.zeroing(),
                before.alignment(),
                before.lowPercent(),
                before.criticalPercent()));
  }

  @Test
  void numbersCountTheElementsOfLists() {
    assertThat(main(properties("cistern.pools.main.tiers.1.count", "24")).tiers())
        .containsExactly(
            new TierSpec(4096, 8, "frames", null), new TierSpec(1024, 24, "patterns", null));
    assertThat(
            load(GOOD, environment("CISTERN_pools_vectors_shape_0", "3"))
                .pools()
                .getLast()
                .tiers()
                .getFirst()
                .size())
        .isEqualTo(3 * 10 * 8);
  }

  @Test
  void theNumberAfterTheLastAddsAnElement() {
    Map<String, String> added = new HashMap<>();
    for (int i = 2; i < 12; i++) {
      added.put("cistern.pools.main.tiers.%d.size".formatted(i), i + " B");
      added.put("cistern.pools.main.tiers.%d.count".formatted(i), "1");
    }
    assertThat(main(Overrides.of(Map.of(), added)).tiers())
        .extracting(TierSpec::size)
        .containsExactly(4096L, 1024L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
  }

  @Test
  void aWholePoolCanBeAdded() {
    Profile profile =
        load(
            GOOD,
            properties(
                "cistern.pools.aside.tiers.0.size", "64",
                "cistern.pools.aside.tiers.0.count", "2",
                "cistern.pools.aside.tiers.0.label", "spare"));
    assertThat(profile.pools())
        .extracting(PoolSpec::name)
        .containsExactly("main", "vectors", "aside");
    assertThat(profile.pools().getLast().tiers())
        .containsExactly(new TierSpec(64, 2, "spare", null));
  }

  @Test
  void optionsBuffersAndQuotasCanBeSetFromOutside() {
    Profile profile =
        load(
            GOOD,
            Overrides.of(
                map(
                    "CISTERN_fallback", "1 KiB",
                    "CISTERN_buffers_i2s__input", "2 KiB",
                    "CISTERN_quotas_net_quotas_tcp_limit", "100",
                    "CISTERN_quotas_net_limit", "200",
                    "CISTERN_pools_main_regions_idle", "5 s"),
                map(
                    "cistern.pools.main.labels", "on",
                    "cistern.pools.main.fallback", "shared",
                    "cistern.pools.main.regions.least", "0",
                    "cistern.pools.vectors.resizable", "true",
                    "cistern.pools.vectors.reserve", "800",
                    "cistern.quotas.net.quotas.tcp.critical", "on")));
    assertThat(profile.fallbackBytes()).isEqualTo(1024);
    assertThat(profile.buffers()).isEqualTo(Map.of("i2s-input", 2048L));
    assertThat(profile.quotas())
        .containsExactly(
            new QuotaSpec("net", 200, 0, false), new QuotaSpec("net/tcp", 100, 0, true));
    assertThat(profile.pools())
        .extracting(PoolSpec::options)
        .containsExactly(
            new PoolOptions(
                true,
                true,
                false,
                0,
                PoolOptions.Fallback.SHARED,
                new PoolOptions.Regions(0, 1, Duration.ofSeconds(5))),
            new PoolOptions(
                true, false, true, 800, PoolOptions.Fallback.NONE, PoolOptions.Regions.ONE));
  }

  @Test
  void aWrongOptionIsRefusedByTheNameThatSetIt() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.regions.idle", "30"),
        "system property cistern.pools.main.regions.idle: pools.main.regions.idle = 30:"
            + " must be a time from 0 to 365 days, with a unit, such as \"30 s\"");
  }

  @Test
  void aBudgetThatABufferExceedsNamesWhatSetIt() {
    assertRefused(
        GOOD,
        environment("CISTERN_buffers_dma", "1 MiB"),
        "test.conf:1: budget = 164 KiB: must be at least 1113728 B, which pools, buffers and fallback memory need"
            + " (main 49152 B, vectors 16000 B, buffer dma 1048576 B), and is 167936 B;"
            + " overridden by environment variable CISTERN_buffers_dma");
  }

  @Test
  void underscoresOfVariablesStandForDotsDashesAndThemselves() {
    String text = "budget = 1 KiB, pools { a_b-c { tiers = [{ size = 1, count = 1 }] } }";
    Profile profile = load(text, environment("CISTERN_pools_a___b__c_tiers_0_count", "7"));
    assertThat(profile.pools())
        .extracting(PoolSpec::name, pool -> pool.tiers().getFirst().count())
        .containsExactly(tuple("a_b-c", 7));
  }

  @Test
  void otherPropertiesAndVariablesAreNotOurs() {
    Overrides strangers =
        Overrides.of(
            Map.of("PATH", "/bin", "cistern_budget", "1"),
            Map.of("cisternbudget", "1", "java.home", "x"));
    assertThat(load(GOOD, strangers)).isEqualTo(load(GOOD));
  }

  @Test
  void aWrongPropertyIsRefusedByItsName() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.tiers.1.count", "0"),
        "system property cistern.pools.main.tiers.1.count:"
            + " pools.main.tiers[1].count = 0: must be from 1 to 16777216");
  }

  @Test
  void aWrongVariableIsRefusedByItsName() {
    assertRefused(
        GOOD,
        environment("CISTERN_budget", "1 KiB"),
        "environment variable CISTERN_budget: budget = 1 KiB: must be at least 65152 B,"
            + " which the pools need (main 49152 B, vectors 16000 B), and is 1024 B");
  }

  @Test
  void aVariableInUpperCaseIsNotIgnored() {
    assertRefused(
        GOOD,
        environment("CISTERN_BUDGET", "1 MiB"),
        "environment variable CISTERN_BUDGET: BUDGET = 1 MiB:"
            + " unknown key. Did you mean 'budget'? Known here: budget, buffers, fallback, frames, pools, pressure, quotas");
  }

  @Test
  void fourUnderscoresStandForNothing() {
    assertRefused(
        GOOD,
        environment("CISTERN_bud____get", "1"),
        "environment variable CISTERN_bud____get: bud____get = 1:"
            + " unknown key. Known here: budget, buffers, fallback, frames, pools, pressure, quotas");
  }

  @Test
  void aPoolThatTheProfileDoesNotHaveIsNotMadeByHalf() {
    assertRefused(
        GOOD,
        properties("cistern.pools.mian.lowPercent", "70"),
        "system property cistern.pools.mian.lowPercent: pools.mian.tiers: missing;"
            + " must be a list of at least one element");
  }

  @Test
  void anElementBeyondTheListIsRefused() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.tiers.3.count", "4"),
        "system property cistern.pools.main.tiers.3.count: pools.main.tiers.3.count = 4:"
            + " must count from 0 to 2 where it has '3'");
  }

  @Test
  void anElementThatIsNoNumberIsRefused() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.tiers.last.count", "4"),
        "system property cistern.pools.main.tiers.last.count: pools.main.tiers.last.count = 4:"
            + " must count from 0 to 2 where it has 'last'");
  }

  @Test
  void aPathThroughAValueIsRefused() {
    assertRefused(
        GOOD,
        properties("cistern.budget.max", "4"),
        "system property cistern.budget.max: budget.max = 4:"
            + " must be the path of a key, but 'budget' is a value there");
  }

  @Test
  void aBudgetThatAnOverrideOfAPoolExceedsNamesThatOverride() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.tiers.1.count", "1000"),
        "test.conf:1: budget = 164 KiB: must be at least 1072768 B, which the pools need"
            + " (main 1056768 B, vectors 16000 B), and is 167936 B;"
            + " overridden by system property cistern.pools.main.tiers.1.count");
  }

  @Test
  void aThresholdThatAnOverridePassesNamesThatOverride() {
    assertRefused(
        Texts.good("lowPercent = 80", "criticalPercent = 90"),
        Overrides.of(
            Map.of("CISTERN_pools_main_spill", "any"), map("cistern.pools.main.lowPercent", "92")),
        "test.conf:5: pools.main.criticalPercent = 90: must be above lowPercent, which is 92; overridden by"
            + " environment variable CISTERN_pools_main_spill, system property cistern.pools.main.lowPercent");
  }

  @Test
  void aTierThatAnOverrideMakesADuplicateNamesThatOverride() {
    assertRefused(
        GOOD,
        properties("cistern.pools.main.tiers.0.size", "1 KiB"),
        "test.conf:8: pools.main.tiers[1].size = 1024: must differ from every other tier's, and equals"
            + " pools.main.tiers[0].size; overridden by system property cistern.pools.main.tiers.0.size");
  }

  @Test
  void aFrameBlockWhoseTierAnOverrideTookNamesThatOverride() {
    assertRefused(
        Texts.good("pool = main", "pool = main, block = 1024"),
        environment("CISTERN_pools_main_tiers_1_size", "2 KiB"),
        "test.conf:13: frames.block = 1024: must be the block size of a tier of pool 'main': 4 KiB, 2 KiB;"
            + " overridden by environment variable CISTERN_pools_main_tiers_1_size");
  }

  @Test
  void problemsOfTheFileComeFirst() {
    assertRefused(
        Texts.good("count = 16", "count = 0"),
        properties("cistern.pools.main.spill", "up"),
        "test.conf:8: pools.main.tiers[1].count = 0: must be from 1 to 16777216",
        "system property cistern.pools.main.spill: pools.main.spill = up: must be one of off, next, any");
  }

  @Test
  void theProcessIsWhereTheyAreReadFromByDefault() {
    assertThat(Profile.load("prism")).isEqualTo(Profile.load("prism", Overrides.ofProcess()));
  }
}
