package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/**
 * What somebody reads whose properties are wrong: the place, the key, the value, what is allowed.
 */
class WrongPropertiesTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  CisternAutoConfiguration.class, CisternWebFluxAutoConfiguration.class));

  @Test
  void everyProblemIsTold() {
    assertThat(
            problems(
                runner.withPropertyValues(
                    "cistern.profile=modesp",
                    "cistern.pools.main.lowPercent=97",
                    "cistern.pools.main.tiers[1].count=0",
                    "cistern.pools.main.spil=any")))
        .contains(
            "    modesp.conf:12: pools.main.criticalPercent = 95: must be above lowPercent, which is 97;"
                + " overridden by ")
        .contains(", cistern.pools.main.lowPercent ('test')\n")
        .contains(
            "    cistern.pools.main.tiers[1].count ('test'): pools.main.tiers[1].count = 0: must be"
                + " from 1 to 16777216\n")
        .contains(
            "    cistern.pools.main.spil ('test'): pools.main.spil = any: unknown key. Did you mean"
                + " 'spill'?");
  }

  @Test
  void missingKeysOfAnApplicationOnItsOwn() {
    assertThat(problems(runner.withPropertyValues("cistern.pools.main.tiers[0].size=256 B")))
        .contains("    cistern.*: budget: missing; must be a size")
        .contains("pools.main.tiers[0].count: missing; must be a whole number from 1 to 16777216")
        .doesNotContain("application.conf");
  }

  @Test
  void kebabCaseIsNoKey() {
    assertThat(
            problems(
                runner.withPropertyValues(
                    "cistern.profile=modesp", "cistern.pools.main.low-percent=70")))
        .contains("unknown key. Did you mean 'lowPercent'?");
  }

  @Test
  void unknownProfile() {
    assertThat(problems(runner.withPropertyValues("cistern.profile=prim")))
        .contains("    prim: no such profile. Did you mean 'prism'? There are prism, ");
  }

  @Test
  void fileAndLineAreTold() {
    Origin line =
        new Origin() {
          @Override
          public String toString() {
            return "class path resource [application.yaml] - 3:12";
          }
        };
    var source =
        new OriginTrackedMapPropertySource(
            "Config resource", Map.of("cistern.budget", OriginTrackedValue.of("0", line)));
    assertThat(
            problems(
                runner.withInitializer(
                    context -> context.getEnvironment().getPropertySources().addFirst(source))))
        .contains(
            "    cistern.budget (class path resource [application.yaml] - 3:12): budget = 0: must"
                + " be from 1 B to 1 PiB");
  }

  @Test
  void webFluxNeedsPoolThatExists() {
    assertThat(
            problems(
                runner.withPropertyValues("cistern.profile=audio", "cistern.webflux.pool=web")))
        .contains("    cistern.webflux.pool = web: must be one of audio, network, general");
  }

  @Test
  void actionSaysWhereKeysAreListed() {
    FailureAnalysis analysis = analysis(runner.withPropertyValues("cistern.profile=prim"));
    assertThat(analysis.getAction()).contains("docs/profiles.md");
    assertThat(analysis.getDescription())
        .startsWith("The application's pools (cistern.*) cannot be opened:");
  }

  private static String problems(ApplicationContextRunner runner) {
    return analysis(runner).getDescription();
  }

  private static FailureAnalysis analysis(ApplicationContextRunner runner) {
    List<FailureAnalysis> found = new ArrayList<>();
    runner.run(context -> {
      Throwable failure = Objects.requireNonNull(context.getStartupFailure());
      found.add(Objects.requireNonNull(new PoolPropertiesFailureAnalyzer().analyze(failure)));
    });
    return found.getFirst();
  }
}
