package io.cistern.simulator.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.config.Profile;
import io.cistern.simulator.Replay;
import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.ReplayOptions;
import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Samples;
import io.cistern.simulator.Subject;
import io.cistern.simulator.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tuned tiers, proved on real pools. Time budget: 15 s. */
class TunerTest {
  @TempDir private Path folder;

  private static Tuning tune(List<Trace> traces, int tiers, double headroom) {
    return Tuner.tune(traces, tiers, headroom, ReplayListener.NONE);
  }

  /** Writes the plan as a profile, loads it and replays the traces on its pool. */
  private void prove(TierPlan plan, List<Trace> traces, double headroom) throws IOException {
    Path file = folder.resolve("tuned.conf");
    Files.writeString(file, ProfileText.of(plan, "tuned", traces, plan.regionBytes(), headroom));
    Profile profile = Profile.load(file.toString());
    assertThat(profile.regionBytes()).isEqualTo(plan.regionBytes());
    Replay replay =
        new Replay(
            List.of(new Subject.Tiers(profile)), ReplayOptions.checking(1), ReplayListener.NONE);
    for (Trace trace : traces) {
      assertThat(replay.run(trace)).flatMap(ReplayResult::findings).isEmpty();
    }
  }

  private static void checkUses(Tuning tuning) {
    assertThat(tuning.uses()).hasSameSizeAs(tuning.plan().tiers());
    for (int tier = 0; tier < tuning.uses().size(); tier++) {
      TierUse use = tuning.uses().get(tier);
      assertThat(use.askedBytes() + use.wastedBytes() + use.idleBytes())
          .isEqualTo(tuning.plan().tiers().get(tier).bytes());
      assertThat(use.wastedBytes()).isNotNegative();
      assertThat(use.idleBytes()).isNotNegative();
    }
    assertThat(tuning.uses().stream().mapToLong(TierUse::askedBytes).sum())
        .isEqualTo(tuning.peakLiveBytes());
  }

  @Test
  void madeUpTracesAreServedInLessThanByPowersOfTwo() throws IOException {
    for (int seed = 0; seed < 6; seed++) {
      List<Trace> traces = List.of(Samples.random(seed, 1500));
      Tuning tuning = tune(traces, 16, 0);
      assertThat(tuning.plan().regionBytes())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(tuning.peakLiveBytes())
          .isLessThan(tuning.powersOfTwo().regionBytes());
      assertThat(tuning.powersOfTwo().regionBytes())
          .isLessThanOrEqualTo(tuning.powersOfTwoAlone().regionBytes());
      assertThat(tuning.plan()).isEqualTo(tuning.withoutHeadroom());
      assertThat(tuning.plan().tiers()).hasSizeLessThanOrEqualTo(16);
      checkUses(tuning);
      prove(tuning.plan(), traces, 0);
      prove(tuning.powersOfTwo(), traces, 0);
      prove(tuning.powersOfTwoAlone(), traces, 0);
    }
  }

  @Test
  void severalTracesAreServedOneAtATime() throws IOException {
    List<Trace> traces =
        List.of(Samples.random(1, 900), Samples.random(2, 900), Samples.random(4, 900));
    Tuning tuning = tune(traces, 12, 0);
    prove(tuning.plan(), traces, 0);
    long sum = traces.stream().mapToLong(t -> tune(List.of(t), 12, 0).plan().regionBytes()).sum();
    assertThat(tuning.plan().regionBytes()).isLessThan(sum);
  }

  @Test
  void headroomIsAShareOfEveryTier() throws IOException {
    List<Trace> traces = List.of(Samples.random(3, 1200));
    Tuning tuning = tune(traces, 8, 0.25);
    for (int tier = 0; tier < tuning.plan().tiers().size(); tier++) {
      TierPlan.Tier bare = tuning.withoutHeadroom().tiers().get(tier);
      TierPlan.Tier roomy = tuning.plan().tiers().get(tier);
      assertThat(roomy.blockSizeBytes()).isEqualTo(bare.blockSizeBytes());
      assertThat(roomy.count()).isGreaterThanOrEqualTo((int) Math.ceil(1.25 * bare.count()));
    }
    prove(tuning.plan(), traces, 0.25);
  }

  @Test
  void oneTierHasTheLargestSizeAndTheMostBlocks() {
    Trace trace = Samples.of("a 0 20", "a 1 100", "f 1", "a 2 30", "a 3 30");
    assertThat(tune(List.of(trace), 1, 0).plan().tiers())
        .containsExactly(new TierPlan.Tier(104, 3));
  }

  @Test
  void moreSizesThanAreLookedAt() throws IOException {
    String[] lines = new String[4000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "a %d %d".formatted(i, 1000 + 40 * i);
    }
    List<Trace> traces = List.of(Samples.of(lines));
    Tuning tuning = tune(traces, 16, 0);
    assertThat(tuning.plan().regionBytes()).isLessThan(tuning.powersOfTwo().regionBytes());
    checkUses(tuning);
    prove(tuning.plan(), traces, 0);
  }

  @Test
  void refusals() {
    List<Trace> traces = List.of(Samples.of("a 0 8"));
    assertThatThrownBy(() -> tune(traces, 0, 0))
        .hasMessage("0 tiers and a headroom of 0.0: must be from 1 to 64 tiers and at least 0");
    assertThatThrownBy(() -> tune(traces, 65, 0)).hasMessageStartingWith("65 tiers");
    assertThatThrownBy(() -> tune(traces, 1, -1)).hasMessageContaining("headroom of -1.0");
    assertThatThrownBy(() -> tune(List.of(Samples.parse("1\n0\n0\n0\n")), 1, 0))
        .hasMessageContaining("nothing is allocated");
  }

  @Test
  void canBeStopped() {
    Tuning tuning =
        Tuner.tune(List.of(Samples.random(7, 500)), 8, 0, (trace, step, share) -> false);
    assertThat(tuning.plan().regionBytes()).isPositive();
  }

  @Test
  void tracesBesideTheCheckout() throws IOException {
    for (Path file : Samples.shared()) {
      List<Trace> traces = List.of(Trace.read(file));
      Tuning tuning = tune(traces, 16, 0);
      assertThat(tuning.plan().regionBytes())
          .as(file.toString())
          .isLessThan(tuning.powersOfTwo().regionBytes());
      prove(tuning.plan(), traces, 0);
    }
  }
}
