package io.cistern.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replays on every subject, against what the trace says they must come to. Time budget: 15 s. */
class ReplayTest {
  private static final ReplayOptions QUICK =
      new ReplayOptions(1, 2, Duration.ofMillis(1), Duration.ofMillis(1));

  @TempDir private Path folder;

  private static ReplayResult replay(Subject subject, Trace trace, ReplayOptions options) {
    return new Replay(List.of(subject), options, ReplayListener.NONE).run(trace).getFirst();
  }

  private Subject tiers(String tiers) throws IOException {
    Path file = folder.resolve("made.conf");
    Files.writeString(
        file, "budget = 1 GiB\npools.main { spill = any, tiers = [ %s ] }".formatted(tiers));
    return Subject.of("tiers:" + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"malloc", "netty", "netty-adaptive", "variable"})
  void madeUpTracesComplete(String name) {
    for (int seed = 0; seed < 4; seed++) {
      Trace trace = Samples.random(seed, 3000);
      ReplayResult result = replay(Subject.of(name), trace, QUICK);
      assertThat(result.findings()).as("seed %d", seed).isEmpty();
      assertThat(result.failures()).isZero();
      assertThat(result.pool()).isEqualTo(name);
      assertThat(result.operations()).isEqualTo(trace.operations());
      assertThat(result.peakLiveBytes()).isEqualTo(trace.peakLiveBytes());
      assertThat(result.nsPerOp()).isPositive();
      assertThat(result.minimumRegionBytes() != null).isEqualTo(name.equals("variable"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"malloc", "netty", "variable"})
  void sideBySide(String name) {
    ReplayOptions options = new ReplayOptions(4, 1, Duration.ofMillis(5), Duration.ZERO);
    ReplayResult result = replay(Subject.of(name), Samples.random(5, 2000), options);
    assertThat(result.findings()).isEmpty();
    assertThat(result.nsPerOp()).isPositive();
  }

  @Test
  void timelineFollowsWhatIsLive() throws IOException {
    Trace trace = Samples.of("a 0 100", "a 1 50", "r 0 200", "f 1", "a 2 10");
    ReplayResult result =
        replay(tiers("{ size = 256 B, count = 4 }"), trace, ReplayOptions.checking(1));
    assertThat(result.timeline().samples())
        .extracting(Timeline.Sample::liveBytes)
        .containsExactly(100L, 150L, 250L, 200L, 210L);
    assertThat(result.timeline().samples().getFirst().fragmentation()).isEqualTo(1 - 100.0 / 256);
    assertThat(result.nsPerOp()).isNull();
    assertThat(result.minimumRegionBytes()).isEqualTo(1024);
    assertThat(result.minimumPoolRatio()).isEqualTo(1024.0 / 250);
  }

  @Test
  void whatIsRefusedIsCountedOnceAndThenLeftAlone() throws IOException {
    Trace trace =
        Samples.of("a 0 8", "a 1 8", "a 2 8", "r 2 4", "f 2", "a 3 999", "f 3", "r 0 900", "f 0");
    ReplayResult result = replay(tiers("{ size = 8 B, count = 2 }"), trace, QUICK);
    assertThat(result.failures()).isEqualTo(3);
    assertThat(result.findings()).containsExactly("made.rep on tiers:made: 3 requests refused");
    assertThat(result.minimumRegionBytes()).isNull();
  }

  @Test
  void aResizeMovesToWhereThereIsRoom() throws IOException {
    Trace trace = Samples.of("a 0 8", "r 0 64", "r 0 60", "r 0 5", "f 0");
    assertThat(
            replay(tiers("{ size = 8 B, count = 1 }, { size = 64 B, count = 1 }"), trace, QUICK)
                .failures())
        .isZero();
  }

  /** Up and down through three tiers; every byte is looked at after each move. */
  @Test
  void contentsOutliveEveryMoveBetweenTiers() throws IOException {
    Subject tiers =
        tiers(
            "{ size = 64 B, count = 300 }, { size = 512 B, count = 300 },"
                + " { size = 128 KiB, count = 3000 }");
    for (int seed = 0; seed < 6; seed++) {
      Trace trace = Samples.random(seed, 2000);
      assertThat(replay(tiers, trace, ReplayOptions.checking(1)).findings())
          .as("seed %d", seed)
          .isEmpty();
    }
  }

  /** The block that was left serves the next request. */
  @Test
  void aMoveFreesTheBlockThatItLeaves() throws IOException {
    Trace trace = Samples.of("a 0 8", "r 0 64", "a 1 8", "r 0 63", "f 0", "r 1 9", "a 2 8");
    assertThat(
            replay(tiers("{ size = 8 B, count = 1 }, { size = 64 B, count = 1 }"), trace, QUICK)
                .findings())
        .isEmpty();
  }

  /** Nothing free to move to: the block stays, with its contents and its size. */
  @Test
  void aMoveThatIsRefusedLeavesTheBlock() throws IOException {
    Trace trace = Samples.of("a 0 8", "a 1 64", "r 0 9", "f 1", "r 0 9", "f 0");
    assertThat(
            replay(tiers("{ size = 8 B, count = 1 }, { size = 64 B, count = 1 }"), trace, QUICK)
                .findings())
        .containsExactly("made.rep on tiers:made: 1 requests refused");
  }

  /** Its frames' pool has two blocks of 20 KiB; what is more, or larger, is fallback memory. */
  @Test
  void aPoolWithFallbackMemoryIsReplayedThroughSegments() {
    Trace trace =
        Samples.of("a 0 100", "a 1 20480", "a 2 7", "r 0 20481", "r 2 8", "a 3 5", "r 3 30000");
    ReplayResult result = replay(Subject.of("tiers:audio"), trace, QUICK);
    assertThat(result.findings()).isEmpty();
    assertThat(result.nsPerOp()).isPositive();
  }

  @Test
  void subjectsSideBySideGiveAResultEach() {
    List<Subject> both = List.of(Subject.of("malloc"), Subject.of("netty"));
    List<ReplayResult> results =
        new Replay(both, QUICK, ReplayListener.NONE).run(Samples.random(1, 500));
    assertThat(results).extracting(ReplayResult::pool).containsExactly("malloc", "netty");
  }

  @Test
  void anEmptyTraceIsReplayedInNoTime() {
    ReplayResult result = replay(Subject.of("variable"), Samples.parse("1\n0\n0\n0\n"), QUICK);
    assertThat(result.nsPerOp()).isNull();
    assertThat(result.minimumPoolRatio()).isNull();
    assertThat(result.failures()).isZero();
  }

  @Test
  void canBeStoppedAtEveryStep() {
    Trace trace = Samples.random(2, 40_000);
    for (String step : List.of("contents", "timing", "smallest region")) {
      List<String> heard = new ArrayList<>();
      ReplayListener listener =
          (about, what, share) -> {
            assertThat(about).isSameAs(trace);
            assertThat(share).isBetween(0.0, 1.0);
            heard.add(what);
            return !what.contains(step);
          };
      assertThat(new Replay(List.of(Subject.of("variable")), QUICK, listener).run(trace)).isEmpty();
      assertThat(heard).last().asString().contains(step);
    }
  }

  @Test
  void poolOfAProfile() {
    assertThat(PoolMemory.poolOf(((Subject.Tiers) Subject.of("tiers:audio")).profile()))
        .isEqualTo("network");
    assertThat(PoolMemory.poolOf(((Subject.Tiers) Subject.of("tiers:numeric")).profile()))
        .isEqualTo("vectors-1000");
  }

  @Test
  void unknownSubject() {
    assertThatThrownBy(() -> Subject.of("heap"))
        .hasMessage("heap: must be tiers:PROFILE, variable, malloc, netty or netty-adaptive");
  }

  @Test
  void playersAreOfClassesOfTheirOwn() {
    assertThat(Player.fresh().getClass()).isNotEqualTo(Player.fresh().getClass());
  }

  @Test
  void tracesBesideTheCheckoutComplete() throws IOException {
    for (Path file : Samples.shared()) {
      ReplayResult result =
          replay(Subject.of("variable"), Trace.read(file), ReplayOptions.checking(1));
      assertThat(result.findings()).isEmpty();
      assertThat(result.minimumPoolRatio()).isBetween(1.0, 2.5);
    }
  }
}
