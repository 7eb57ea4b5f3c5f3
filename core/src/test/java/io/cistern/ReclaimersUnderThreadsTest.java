package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One run at a time, deadlines, reclaimers that hang or are taken out meanwhile. */
class ReclaimersUnderThreadsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Reclaimers reclaimers = new Reclaimers();

  /** Opened by a test when a reclaimer may return, and at the end in any case. */
  private final CountDownLatch gate = new CountDownLatch(1);

  private final CountDownLatch entered = new CountDownLatch(1);
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger mostInside = new AtomicInteger();

  @AfterEach
  void openAndClose() {
    gate.countDown();
    reclaimers.close();
  }

  private boolean run(String pool, long bytes, Duration time) {
    return reclaimers.run(ReclaimersTest.request(pool, bytes, time));
  }

  /** Returns when the gate is open. */
  private long hang(long frees) {
    mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
    entered.countDown();
    try {
      assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException never) {
      throw new AssertionError(never);
    } finally {
      inside.decrementAndGet();
    }
    return frees;
  }

  private ReclaimerStats stats(int index) {
    return reclaimers.stats().get(index);
  }

  @Test
  void eightCallersShareOneRunAndItFreesForAll() throws Exception {
    reclaimers.time(LONG);
    AtomicInteger joined = new AtomicInteger();
    AtomicLong askedOfTheSecond = new AtomicLong();
    reclaimers.add(1, "gate", request -> hang(100));
    reclaimers.add(
        2,
        "rest",
        request -> {
          askedOfTheSecond.set(request.bytesWanted());
          return request.bytesWanted();
        });
    FutureTask<Void> callers =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              Threads.together(
                  8,
                  Thread.ofVirtual(),
                  thread -> {
                    joined.incrementAndGet();
                    assertThat(run("p", 100, LONG)).isTrue();
                  });
              return null;
            });
    entered.await();
    Threads.until("all have come", () -> joined.get() == 8);
    Threads.until("seven have joined", () -> reclaimers.missingBytes() == 800);
    gate.countDown();
    Threads.get(callers);
    assertThat(askedOfTheSecond).hasValue(700);
    assertThat(stats(0)).isEqualTo(new ReclaimerStats("gate", 1, 1, 100, 0, 0, false));
    assertThat(stats(1)).isEqualTo(new ReclaimerStats("rest", 2, 1, 700, 0, 0, false));
  }

  @Test
  void aCallerForAnotherPoolWaitsForItsTurn() throws Exception {
    reclaimers.time(LONG);
    reclaimers.add(1, "gate", request -> hang(request.pool().equals("q") ? 7 : 0));
    FutureTask<Boolean> first = Threads.start(Thread.ofPlatform(), () -> run("p", 1, LONG));
    entered.await();
    assertThat(run("q", 1, Duration.ofMillis(5))).as("not its run, and no time").isFalse();
    FutureTask<Boolean> second = Threads.start(Thread.ofPlatform(), () -> run("q", 1, LONG));
    gate.countDown();
    assertThat(Threads.get(first)).isFalse();
    assertThat(Threads.get(second)).isTrue();
    assertThat(mostInside).hasValue(1);
    assertThat(stats(0).runs()).isEqualTo(2);
  }

  @Test
  void aCallerWaitsNoLongerThanItsDeadlineAndTheRunGoesOn() throws Exception {
    reclaimers.time(LONG);
    reclaimers.add(1, "gate", request -> hang(7));
    long start = System.nanoTime();
    assertThat(run("p", 1, Duration.ofMillis(20))).isFalse();
    assertThat(System.nanoTime() - start)
        .isBetween(Duration.ofMillis(20).toNanos(), LONG.dividedBy(2).toNanos());
    FutureTask<Boolean> joins = Threads.start(Thread.ofPlatform(), () -> run("p", 1, LONG));
    Threads.until("it has joined", () -> reclaimers.missingBytes() == 2);
    gate.countDown();
    assertThat(Threads.get(joins)).isTrue();
    assertThat(stats(0)).isEqualTo(new ReclaimerStats("gate", 1, 1, 7, 0, 0, false));
  }

  @Test
  void aDeadlineThatHasPassedStartsARunAndWaitsForNothing() throws Exception {
    reclaimers.time(LONG);
    reclaimers.add(1, "gate", request -> hang(7));
    assertThat(run("p", 1, Duration.ZERO)).isFalse();
    entered.await();
    gate.countDown();
    Threads.until("it has freed", () -> stats(0).freedBytes() == 7);
  }

  /** More than one run only if the machine is too busy to begin a call within its time. */
  private void runUntilItHangs() throws InterruptedException {
    do {
      assertThat(run("p", 5, LONG)).as("nothing freed in time").isFalse();
    } while (stats(0).timeouts() == 0);
    entered.await();
  }

  @Test
  void oneThatHangsIsToldOnceSkippedAndCalledAgainWhenItHasReturned() throws Exception {
    reclaimers.time(Duration.ofMillis(20));
    reclaimers.add(1, "slow", request -> hang(7));
    reclaimers.add(2, "quick", request -> 1);
    try (LogLines log = new LogLines()) {
      runUntilItHangs();
      assertThat(stats(0)).isEqualTo(new ReclaimerStats("slow", 1, 1, 0, 1, 0, true));
      assertThat(stats(1).runs()).as("the time was up").isZero();
      reclaimers.time(LONG);
      assertThat(run("p", 5, LONG)).isTrue();
      assertThat(run("", 5, LONG)).isTrue();
      assertThat(stats(1)).isEqualTo(new ReclaimerStats("quick", 2, 2, 2, 0, 0, false));
      assertThat(log.with("slow"))
          .singleElement()
          .asString()
          .matches(
              "WARNING reclaimer 'slow' has not returned after \\d+ ms for pool 'p';"
                  + " it is skipped until it does");
      gate.countDown();
      Threads.until("it has returned", () -> !stats(0).running());
      Threads.until("that is told", () -> log.with("slow").size() == 2);
      assertThat(log.with("late")).containsExactly("INFO reclaimer 'slow' has returned, late");
    }
    assertThat(run("p", 5, LONG)).isTrue();
    assertThat(stats(0)).isEqualTo(new ReclaimerStats("slow", 1, 2, 14, 1, 0, false));
    assertThat(stats(1).runs()).as("nothing more was wanted").isEqualTo(2);
  }

  @Test
  void aReclaimerThatHangsMayStillNotReclaim() throws Exception {
    reclaimers.time(Duration.ofMillis(20));
    AtomicInteger answers = new AtomicInteger();
    reclaimers.add(
        1,
        "slow",
        request -> {
          hang(0);
          answers.set(run("p", 1, LONG) ? 1 : -1);
          return 0;
        });
    reclaimers.add(2, "quick", request -> 1);
    runUntilItHangs();
    gate.countDown();
    Threads.until("it has returned", () -> !stats(0).running());
    assertThat(answers).hasValue(-1);
    assertThat(stats(1).runs()).isZero();
  }

  @Test
  void takenOutDuringARunItsCallEndsAndTheNextIsNotCalled() throws Exception {
    reclaimers.time(LONG);
    Reclaimer.Registration first = reclaimers.add(1, "gate", request -> hang(7));
    AtomicInteger calls = new AtomicInteger();
    Reclaimer.Registration second = reclaimers.add(2, "gone", request -> calls.incrementAndGet());
    reclaimers.add(3, "last", request -> 3);
    FutureTask<Boolean> caller = Threads.start(Thread.ofPlatform(), () -> run("p", 10, LONG));
    entered.await();
    first.close();
    second.close();
    assertThat(reclaimers.stats()).extracting(ReclaimerStats::name).containsExactly("last");
    gate.countDown();
    assertThat(Threads.get(caller)).isTrue();
    assertThat(calls).hasValue(0);
    assertThat(stats(0)).isEqualTo(new ReclaimerStats("last", 3, 1, 3, 0, 0, false));
  }

  @Test
  void aRunIsNotHeldUpByClosing() throws Exception {
    reclaimers.time(LONG);
    reclaimers.add(1, "gate", request -> hang(7));
    FutureTask<Boolean> caller = Threads.start(Thread.ofPlatform(), () -> run("p", 1, LONG));
    entered.await();
    reclaimers.close();
    gate.countDown();
    assertThat(Threads.get(caller)).isTrue();
  }

  @Test
  void anInterruptIsKeptAndTheAnswerIsRight() throws Exception {
    reclaimers.time(LONG);
    reclaimers.add(1, "gate", request -> hang(7));
    FutureTask<Boolean> caller =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              Thread.currentThread().interrupt();
              return run("p", 1, LONG) && Thread.currentThread().isInterrupted();
            });
    entered.await();
    gate.countDown();
    assertThat(Threads.get(caller)).isTrue();
  }

  /** Callers of two pools, with and without time, while reclaimers come and go. */
  @Test
  void neverTwoCallsAtOnceAndAllCallersReturn() throws Exception {
    SplittableRandom seeds = Seed.random("reclaimers");
    reclaimers.time(LONG);
    AtomicLong freed = new AtomicLong();
    Reclaimer alone =
        request -> {
          mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
          freed.incrementAndGet();
          LockSupport.parkNanos(1);
          inside.decrementAndGet();
          return 1;
        };
    reclaimers.add(0, "stays", alone);
    long seed = seeds.nextLong();
    Threads.together(
        8, Thread.ofVirtual(), thread -> callAndRegister(thread, alone, seed + thread));
    Threads.until("the last run is over", () -> reclaimers.missingBytes() == 0);
    assertThat(mostInside).hasValue(1);
    assertThat(stats(0).freedBytes()).isBetween(1L, freed.get());
    assertThat(stats(0).timeouts() + stats(0).failures()).isZero();
    assertThat(reclaimers.stats()).hasSize(1);
  }

  private void callAndRegister(int thread, Reclaimer reclaimer, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      Duration time = random.nextBoolean() ? LONG : Duration.ofNanos(random.nextInt(100_000));
      try (Reclaimer.Registration registration =
          reclaimers.add(random.nextInt(-3, 3), "of " + thread, reclaimer)) {
        assertThat(registration).isNotNull();
        boolean freed = run(random.nextBoolean() ? "p" : "q", random.nextInt(4), time);
        assertThat(freed || time.compareTo(LONG) < 0).as("with time, some is freed").isTrue();
      }
    }
  }
}
