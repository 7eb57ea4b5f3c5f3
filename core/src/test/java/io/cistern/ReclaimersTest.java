package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Order, amounts and figures of reclaimers, and what they may not do, with one caller. */
class ReclaimersTest {
  private final Reclaimers reclaimers = new Reclaimers();
  private final List<String> called = new CopyOnWriteArrayList<>();

  /** Much, because the machine may be busy; none of these tests needs it. */
  @BeforeEach
  void giveTime() {
    reclaimers.time(Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    reclaimers.close();
  }

  static Reclaimer.Request request(String pool, long bytes, Duration time) {
    return new Reclaimer.Request(
        pool, bytes, PressureLevel.CRITICAL, System.nanoTime() + time.toNanos());
  }

  private boolean run(long bytes) {
    return reclaimers.run(request("p", bytes, Duration.ofSeconds(20)));
  }

  /** Writes down that it was called, and for how much. */
  private Reclaimer.Registration add(int priority, String name, long frees) {
    return reclaimers.add(
        priority,
        name,
        request -> {
          called.add(name + " " + request.bytesWanted());
          return frees;
        });
  }

  @Test
  void withoutReclaimersNothingIsFreed() {
    assertThat(run(1)).isFalse();
    assertThat(reclaimers.stats()).isEmpty();
  }

  @Test
  void theyAreCalledByPriorityThenByRegistration() {
    add(5, "c", 0);
    add(-1, "a", 0);
    add(5, "d", 0);
    add(0, "b", 0);
    assertThat(run(7)).isFalse();
    assertThat(called).containsExactly("a 7", "b 7", "c 7", "d 7");
  }

  @Test
  void eachIsAskedForWhatIsMissingUntilNothingIs() {
    add(1, "a", 30);
    add(2, "b", -5);
    add(3, "c", 70);
    add(4, "d", 1);
    assertThat(run(100)).isTrue();
    assertThat(called).containsExactly("a 100", "b 70", "c 70");
    assertThat(reclaimers.stats())
        .containsExactly(
            new ReclaimerStats("a", 1, 1, 30, 0, 0, false),
            new ReclaimerStats("b", 2, 1, 0, 0, 0, false),
            new ReclaimerStats("c", 3, 1, 70, 0, 0, false),
            new ReclaimerStats("d", 4, 0, 0, 0, 0, false));
  }

  @Test
  void lessThanWantedIsWorthAnotherTryToo() {
    add(1, "a", 1);
    assertThat(run(100)).isTrue();
  }

  @Test
  void aRequestForNoBytesWantsAny() {
    add(1, "a", 0);
    add(2, "b", 1);
    add(3, "c", 1);
    assertThat(run(0)).isTrue();
    assertThat(called).containsExactly("a 0", "b 0");
  }

  @Test
  void absurdAnswersDoNotOverflow() {
    add(1, "a", Long.MAX_VALUE);
    assertThat(run(Long.MAX_VALUE)).isTrue();
    assertThat(run(Long.MAX_VALUE)).isTrue();
    assertThat(reclaimers.stats().getFirst().freedBytes()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theRequestSaysWhereWhyAndHowLong() {
    CompletableFuture<Reclaimer.Request> seen = new CompletableFuture<>();
    CompletableFuture<Duration> remaining = new CompletableFuture<>();
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    reclaimers.add(
        1,
        "a",
        request -> {
          seen.complete(request);
          remaining.complete(request.remaining());
          thread.complete(Thread.currentThread());
          return 1;
        });
    run(64);
    assertThat(seen.join().pool()).isEqualTo("p");
    assertThat(seen.join().level()).isEqualTo(PressureLevel.CRITICAL);
    assertThat(remaining.join()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(20));
    assertThat(thread.join().isDaemon()).isTrue();
    assertThat(thread.join()).isNotEqualTo(Thread.currentThread());
  }

  @Test
  void whatOneThrowsIsLoggedAndCountedAndTheNextIsCalled() {
    try (LogLines log = new LogLines()) {
      reclaimers.add(
          1,
          "bad",
          request -> {
            throw new StackOverflowError("deep");
          });
      add(2, "good", 5);
      assertThat(run(5)).isTrue();
      assertThat(log.with("bad")).containsExactly("WARNING reclaimer 'bad' threw");
    }
    assertThat(called).containsExactly("good 5");
    assertThat(reclaimers.stats().getFirst())
        .isEqualTo(new ReclaimerStats("bad", 1, 1, 0, 0, 1, false));
  }

  @Test
  void insideOfAReclaimerNothingIsReclaimed() {
    reclaimers.add(1, "a", request -> run(1) ? 0 : 3);
    assertThat(run(1)).isTrue();
    assertThat(reclaimers.stats().getFirst())
        .isEqualTo(new ReclaimerStats("a", 1, 1, 3, 0, 0, false));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void norOnThreadsThatItStarts(boolean virtual) {
    Thread.Builder kind = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    reclaimers.add(
        1,
        "a",
        request -> {
          boolean[] inner = {true};
          Thread child = kind.start(() -> inner[0] = run(1));
          joinInReclaimer(child);
          return inner[0] ? 0 : 3;
        });
    assertThat(run(1)).isTrue();
    assertThat(reclaimers.stats().getFirst())
        .isEqualTo(new ReclaimerStats("a", 1, 1, 3, 0, 0, false));
  }

  /** Shorter than a run has time: a child that waited for the run would not have answered. */
  private static void joinInReclaimer(Thread child) {
    try {
      child.join(Duration.ofSeconds(10));
    } catch (InterruptedException never) {
      throw new AssertionError(never);
    }
  }

  @Test
  void aThreadThatOutlivesTheReclaimerMayReclaimAgain() throws Exception {
    CountDownLatch returned = new CountDownLatch(1);
    FutureTask<Boolean> later = new FutureTask<>(() -> runAfter(returned));
    reclaimers.add(
        1,
        "a",
        request -> {
          if (returned.getCount() == 1) {
            Thread.ofPlatform().start(later);
          }
          return 1;
        });
    assertThat(run(1)).isTrue();
    returned.countDown();
    assertThat(Threads.get(later)).isTrue();
  }

  private boolean runAfter(CountDownLatch latch) throws InterruptedException {
    latch.await();
    return run(1);
  }

  @Test
  void anotherManagersReclaimersAreNotCalledFromInsideEither() {
    try (Reclaimers others = new Reclaimers()) {
      others.add(1, "other", request -> 9);
      reclaimers.add(
          1, "a", request -> others.run(request("q", 1, Duration.ofSeconds(20))) ? 0 : 2);
      assertThat(run(1)).isTrue();
      assertThat(others.stats().getFirst().runs()).isZero();
    }
  }

  @Test
  void aClosedRegistrationIsNotCalled() {
    Reclaimer.Registration first = add(1, "a", 1);
    add(2, "b", 1);
    first.close();
    first.close();
    assertThat(run(1)).isTrue();
    assertThat(called).containsExactly("b 1");
    add(0, "a", 1);
    assertThat(run(1)).isTrue();
    assertThat(called).containsExactly("b 1", "a 1");
  }

  @Test
  void afterClosingNothingIsCalledNorRegistered() {
    Reclaimer.Registration registration = add(1, "a", 1);
    reclaimers.close();
    assertThat(run(1)).isFalse();
    registration.close();
    assertThatThrownBy(() -> add(1, "b", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("reclaimer 'b' comes after closing");
    assertThat(called).isEmpty();
  }

  @Test
  void namesAreUnique() {
    add(1, "a", 0);
    for (String name : List.of("a", "", " ")) {
      assertThatThrownBy(() -> add(1, name, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a reclaimer cannot be named '%s'; there are: [a]".formatted(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT1M0.000000001S"})
  void theTimeHasBounds(String time) {
    assertThatThrownBy(() -> reclaimers.time(Duration.parse(time)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a time of %s for reclaimers: above zero and at most PT1M is possible".formatted(time));
    assertThat(reclaimers.time()).as("as before").isEqualTo(Duration.ofSeconds(20));
    try (Reclaimers others = new Reclaimers()) {
      assertThat(others.time()).as("by default").isEqualTo(Duration.ofMillis(100));
    }
  }

  @Test
  void aRequestIsForZeroBytesAtLeast() {
    assertThatThrownBy(() -> request("p", -1, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-1 B wanted for pool 'p': at least 0 are possible");
    assertThat(request("p", 0, Duration.ofSeconds(-1)).remaining()).isEqualTo(Duration.ZERO);
  }
}
