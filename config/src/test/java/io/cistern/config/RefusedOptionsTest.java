package io.cistern.config;

import static io.cistern.config.Texts.assertBroken;
import static io.cistern.config.Texts.assertRefused;
import static java.util.stream.Collectors.joining;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a profile may get wrong about labels, quotas, reserves, fallback memory, regions and
 * buffers, one by one, with the whole message. Time budget: 2 s.
 */
class RefusedOptionsTest {
  private static final String SIZE = "must be a size from 0 B to 1 PiB, such as 4096 or \"4 KiB\"";
  private static final String NAME = "must be a letter followed by letters, digits, '-' or '_'";

  /** Puts a key into pool {@code main}, in line 4. */
  private static void pool(String given, String rule) {
    assertBroken(
        "spill = next", given, "test.conf:4: pools.main." + given.replace("\"", "") + ": " + rule);
  }

  /** Puts a section beside the pools, in line 13. */
  private static void beside(String given, String line) {
    assertBroken("frames {", given + "\nframes {", "test.conf:13: " + line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"enabled", "labels", "resizable"})
  void aSwitchThatIsNone(String key) {
    pool(key + " = maybe", "must be one of on, off, true, false");
    pool(key + " = 1", "must be one of on, off, true, false");
  }

  @Test
  void aReserveThatIsNoSize() {
    pool("reserve = some", SIZE);
    pool("reserve = 4 KB", SIZE);
    pool("reserve = -1", "must be from 0 B to 1 PiB");
    pool("reserve = 0.5", SIZE);
  }

  @Test
  void checksThatAreNone() {
    pool("checks = checked", "must be a section in braces");
    pool("checks.level = strict", "must be one of standard, checked, guarded");
    pool("checks.redZone = 12", "must be a multiple of 8");
    pool("checks.redZone = 1 MiB", "must be from 0 B to 64 KiB");
    pool("checks.poison = 0", "must be from 1 to 255");
    pool("checks.poison = 256", "must be from 1 to 255");
    pool("checks.quarantine = -1", "must be from 0 to 16777216");
    pool("checks.leakSamples = 100001", "must be from 0 to 100000");
  }

  @Test
  void pressureOutOfOrder() {
    beside(
        "pressure.lowPercent = 96",
        "pressure.lowPercent = 96: must be below criticalPercent, which is 95");
    beside(
        "pressure.criticalFragmentation = 70",
        "pressure.criticalFragmentation = 70: must be above lowFragmentation, which is 70");
    beside(
        "pressure.criticalFree = 1 KiB",
        "pressure.criticalFree = 1 KiB: must be at most lowFree, which is 0 B");
    beside("pressure.lowFree = much", "pressure.lowFree = much: " + SIZE);
    beside(
        "pressure.criticalPercent = 101",
        "pressure.criticalPercent = 101: must be a number above 0 and at most 100");
    beside("pressure = high", "pressure = high: must be a section in braces");
  }

  @Test
  void aReserveThatNobodyMayTake() {
    pool("reserve = 4096", "must be 0 where no quota is critical");
  }

  @Test
  void aFallbackThatIsNeitherASizeNorShared() {
    pool("fallback = any", SIZE + ", or shared");
    pool("fallback = -1", "must be from 0 B to 1 PiB, or shared");
    pool("fallback = Shared", SIZE + ", or shared");
  }

  @Test
  void aSharedFallbackOfWhichThereIsNone() {
    pool("fallback = shared", "must be a size where the profile has no 'fallback' to share");
  }

  @Test
  void aSharedFallbackThatNobodyShares() {
    beside("fallback = 1 KiB", "fallback = 1 KiB: must be 0 where no pool has 'fallback = shared'");
    beside("fallback = shared", "fallback = shared: " + SIZE);
  }

  @Test
  void aPoolThatIsNotEnabledAndHasNoFallback() {
    pool("enabled = off", "must be on in a pool that has no fallback");
  }

  @Test
  void regionsOutOfRange() {
    String section = "spill = next";
    assertBroken(
        section,
        "regions { least = -1, most = 201, idle = 400 d }",
        "test.conf:4: pools.main.regions.least = -1: must be from 0 to 200",
        "test.conf:4: pools.main.regions.most = 201: must be from 1 to 200",
        "test.conf:4: pools.main.regions.idle = 400 d: must be a time from 0 to 365 days, with a unit, such as \"30 s\"");
    assertBroken(
        section,
        "regions { most = 0 }",
        "test.conf:4: pools.main.regions.most = 0: must be from 1 to 200");
    assertBroken(
        section,
        "regions { least = 3, most = 2 }",
        "test.conf:4: pools.main.regions.most = 2: must be at least 'least', which is 3");
    assertBroken(
        section,
        "regions { few = 3 }",
        "test.conf:4: pools.main.regions.few = 3: unknown key. Known here: idle, least, most");
    pool("regions = 3", "must be a section in braces");
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "soon", "-1 s", "30 parsecs", "[30 s]"})
  void anIdleTimeThatIsNone(String given) {
    assertBroken(
        "spill = next",
        "regions.idle = " + given,
        "test.conf:4: pools.main.regions.idle = "
            + given.replace("[30 s]", "[\"30 s\"]")
            + ": must be a time from 0 to 365 days, with a unit, such as \"30 s\"");
  }

  @Test
  void regionsThatDoNotFitIntoTheBudget() {
    assertBroken(
        "spill = next",
        "regions.least = 4",
        "test.conf:1: budget = 164 KiB: must be at least 212608 B, which the pools need"
            + " (main 196608 B, vectors 16000 B), and is 167936 B");
  }

  @Test
  void buffersAndFallbacksThatDoNotFitIntoTheBudget() {
    assertRefused(
        """
        budget = 1000
        fallback = 300
        buffers { in = 100, out = 200 }
        pools {
          a { tiers = [{ size = 64, count = 4 }], fallback = shared }
          b { kind = variable, size = 64, fallback = 400 }
        }
        """,
        "test.conf:1: budget = 1000: must be at least 1320 B, which pools, buffers and fallback memory need"
            + " (a 256 B, b 64 B, fallback of b 400 B, buffer in 100 B, buffer out 200 B, fallback 300 B), and is 1000 B");
  }

  @Test
  void moreThanAnyNumberHolds() {
    assertRefused(
        """
        budget = 1 PiB
        pools { a { tiers = [{ size = 1 GiB, count = 16777216 }], regions.least = 200 }
                b { tiers = [{ size = 1 GiB, count = 16777216 }], regions.least = 200 }
                c { tiers = [{ size = 1 GiB, count = 16777216 }], regions.least = 200 } }
        """,
        "test.conf:1: budget = 1 PiB: must be at least 10808639105689190400 B, which the pools need"
            + " (a 3602879701896396800 B, b 3602879701896396800 B, c 3602879701896396800 B), and is 1125899906842624 B",
        "test.conf:2: pools = {\"a\":{\"regions\":{\"least\":200},\"tiers\":[{\"count\":16777216,\"si…:"
            + " must have at most 255 regions and fallbacks together, and have 600");
  }

  @Test
  void moreRegionsThanHandlesCanTellApart() {
    String pools =
        IntStream.range(0, 128)
            .mapToObj(i -> "p%d { tiers = [{ size = 1, count = 1 }], fallback = 1 }".formatted(i))
            .collect(joining("\n"));
    assertRefused(
        "budget = 1 MiB\npools {\n" + pools + "\n}",
        "test.conf:2: pools = {\"p0\":{\"fallback\":1,\"tiers\":[{\"count\":1,\"size\":1}]},\"p1\":{\"f…:"
            + " must have at most 255 regions and fallbacks together, and have 256");
  }

  @Test
  void buffersThatAreNone() {
    beside("buffers = 3", "buffers = 3: must be a section in braces");
    beside("buffers.in = 0", "buffers.in = 0: must be from 1 B to 1 PiB");
    beside(
        "buffers.in = large",
        "buffers.in = large: must be a size from 1 B to 1 PiB, such as 4096 or \"4 KiB\"");
    beside("buffers.9in = 8", "buffers.9in = 8: a static buffer's name " + NAME);
  }

  @Test
  void quotasThatAreNone() {
    beside("quotas = 3", "quotas = 3: must be a section in braces");
    beside("quotas.net = 4 KiB", "quotas.net = 4 KiB: must be a section in braces");
    beside("quotas.\"n/t\" { limit = 1 }", "quotas.n/t = {\"limit\":1}: a quota's name " + NAME);
    beside(
        "quotas.net { lim = 1, limit = 1 }",
        "quotas.net.lim = 1: unknown key. Did you mean 'limit'? Known here: critical, guaranteed, limit, quotas");
  }

  @Test
  void aQuotaWithoutALimit() {
    beside("quotas.net { }", "quotas.net.limit: missing; " + SIZE);
  }

  @Test
  void aLimitOfAQuotaThatIsNoSize() {
    beside("quotas.net { limit = -1 }", "quotas.net.limit = -1: must be from 0 B to 1 PiB");
    beside("quotas.net { limit = much }", "quotas.net.limit = much: " + SIZE);
  }

  @Test
  void aQuotaBelowAnotherIsCheckedAsWell() {
    beside(
        "quotas.net { limit = 8, quotas.tcp { limit = 4, critical = 7 } }",
        "quotas.net.quotas.tcp.critical = 7: must be one of on, off, true, false");
  }

  @Test
  void aGuaranteeBeyondTheLimit() {
    beside(
        "quotas.net { limit = 100, guaranteed = 101 }",
        "quotas.net.guaranteed = 101: must be at most the limit, which is 100 B");
  }

  @Test
  void guaranteesBelowThatAreBeyondTheLimit() {
    beside(
        "quotas.net { limit = 100, quotas { tcp { limit = 90, guaranteed = 60 }, udp { limit = 41, guaranteed = 41 }, icmp { limit = 9 } } }",
        "quotas.net.limit = 100: must be at least 101 B, which are guaranteed below (tcp 60 B, udp 41 B), and is 100 B");
  }

  @Test
  void guaranteesFurtherBelowCountWhereTheyAreNotCovered() {
    beside(
        "quotas.a { limit = 100, quotas.b { limit = 200, guaranteed = 50, quotas.c { limit = 120, guaranteed = 101 } } }",
        "quotas.a.limit = 100: must be at least 101 B, which are guaranteed below (b 101 B), and is 100 B");
  }

  @Test
  void guaranteesBeyondAllThatThereIs() {
    beside(
        "quotas { a { limit = 1 MiB, guaranteed = 60000 }, b { limit = 1 MiB, guaranteed = 5153 } }",
        "quotas = {\"a\":{\"guaranteed\":60000,\"limit\":\"1 MiB\"},\"b\":{\"guaranteed\":…:"
            + " must guarantee at most 65152 B, which is all that there can be, and guarantee 65153 B (a 60000 B, b 5153 B)");
  }

  @Test
  void aQuotaThatIsNotCriticalBelowOneThatIs() {
    beside(
        "quotas.a { limit = 9, critical = on, quotas.b { limit = 9, critical = off } }",
        "quotas.a.quotas.b.critical = off: must be on below a quota that is critical");
  }

  @Test
  void everythingIsToldAtOnce() {
    assertRefused(
        """
        budget = 1 KiB
        fallback = lots
        quotas { net { guaranteed = x }, 1 { limit = 1 } }
        buffers { a = 0 }
        pools {
          a {
            labels = perhaps
            fallback = most
            regions { least = x }
            tiers = [{ size = 0, count = 1 }]
          }
        }
        """,
        "test.conf:2: fallback = lots: " + SIZE,
        "test.conf:3: quotas.1 = {\"limit\":1}: a quota's name " + NAME,
        "test.conf:3: quotas.net.limit: missing; " + SIZE,
        "test.conf:3: quotas.net.guaranteed = x: " + SIZE,
        "test.conf:4: buffers.a = 0: must be from 1 B to 1 PiB",
        "test.conf:7: pools.a.labels = perhaps: must be one of on, off, true, false",
        "test.conf:8: pools.a.fallback = most: " + SIZE + ", or shared",
        "test.conf:9: pools.a.regions.least = x: must be a whole number from 0 to 200",
        "test.conf:10: pools.a.tiers[0].size = 0: must be from 1 B to 1 GiB");
  }
}
