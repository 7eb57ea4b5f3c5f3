package io.cistern;

import static io.cistern.PressureLevel.CRITICAL;
import static io.cistern.PressureLevel.LOW;
import static io.cistern.PressureLevel.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.Emergencies.Alert;
import io.cistern.Emergencies.Trigger;
import io.cistern.ManagerPressure.Cause;
import io.cistern.ManagerPressure.Reading;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each policy by its events: what is called, in which order, how often. */
class EmergenciesTest {
  private static final PoolListener.Exhaustion FULL =
      new PoolListener.Exhaustion("p", 64, 64, 0, 0, 640, 640);

  private final List<String> done = new CopyOnWriteArrayList<>();
  private final List<Alert> alerts = new CopyOnWriteArrayList<>();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final LogLines log = new LogLines();
  private final Emergencies emergencies = builder().executor(Runnable::run).build();

  /** All callbacks write down that they were called. */
  private Emergencies.Builder builder() {
    return Emergencies.builder(
            () -> {
              done.add("dump");
              return "state of all";
            })
        .save(() -> done.add("save"))
        .restart(() -> done.add("restart"))
        .shed(() -> done.add("shed"))
        .reclaimOld(
            Duration.ofMinutes(2),
            (request, age) -> {
              done.add("old " + request.pool() + " " + request.bytesWanted() + " " + age);
              return 48;
            })
        .alert(alert -> {
          done.add("alert " + alert.trigger());
          alerts.add(alert);
        })
        .watchdog(alert ->
            done.add("watchdog " + alert.pool() + " " + alert.from() + " " + alert.cause().to()))
        .clock(nanos::get);
  }

  @AfterEach
  void close() {
    log.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** A reading whose level is that of the whole pool. */
  private void reads(Reading reading, String pool, PressureLevel from, PressureLevel to) {
    double threshold = from == CRITICAL || to == CRITICAL ? 85 : 70;
    emergencies.onPressureChanged(
        new ManagerPressure(pool, from, to, new Cause(reading, from, to, 72, threshold)));
  }

  private void fragmentation(String pool, PressureLevel from, PressureLevel to) {
    reads(Reading.FRAGMENTATION, pool, from, to);
  }

  private void assertDone(String... what) {
    assertThat(done).containsExactly(what);
    done.clear();
  }

  @Test
  void fragmentationThatIsLowWritesTheState() {
    fragmentation("p", NORMAL, LOW);
    assertDone("dump");
    assertThat(log.with("state of all"))
        .containsExactly(
            "WARNING pool 'p': NORMAL -> LOW by fragmentation of 72.0 %, threshold 70.0 %"
                + System.lineSeparator()
                + "state of all");
  }

  @Test
  void fragmentationThatIsCriticalSavesAndRestartsToo() {
    fragmentation("p", LOW, CRITICAL);
    assertDone("watchdog p LOW CRITICAL", "dump", "save", "restart");
    assertThat(log.with("restart"))
        .containsExactly("SEVERE a restart is asked for: fragmentation is critical");
  }

  @Test
  void aRestartIsAskedForOnceUntilAllIsNormal() {
    fragmentation("p", NORMAL, CRITICAL);
    assertDone("watchdog p NORMAL CRITICAL", "dump", "save", "restart");
    pass(Duration.ofHours(1));
    fragmentation("p", CRITICAL, LOW);
    fragmentation("p", LOW, CRITICAL);
    assertDone("watchdog p LOW CRITICAL", "dump");
    fragmentation("q", NORMAL, CRITICAL);
    assertDone("watchdog q NORMAL CRITICAL", "dump");
    fragmentation("p", CRITICAL, NORMAL);
    fragmentation("p", NORMAL, CRITICAL);
    assertDone("watchdog p NORMAL CRITICAL");
    fragmentation("q", CRITICAL, NORMAL);
    fragmentation("p", CRITICAL, NORMAL);
    assertDone();
    fragmentation("q", NORMAL, CRITICAL);
    assertDone("watchdog q NORMAL CRITICAL", "save", "restart");
  }

  @Test
  void eventsInTheWrongOrderDoNotForbidRestartsForEver() {
    fragmentation("p", CRITICAL, NORMAL);
    fragmentation("p", NORMAL, CRITICAL);
    fragmentation("p", NORMAL, CRITICAL);
    assertThat(done).filteredOn("restart"::equals).hasSize(2);
  }

  @Test
  void fragmentationActsEvenIfAnotherReadingKeepsTheLevelUp() {
    emergencies.onPressureChanged(
        new ManagerPressure(
            "p", CRITICAL, CRITICAL, new Cause(Reading.FRAGMENTATION, LOW, CRITICAL, 90, 85)));
    assertDone("dump", "save", "restart");
  }

  @Test
  void exhaustionShedsThenDropsWhatIsOldThenAlerts() {
    emergencies.onExhausted(FULL);
    assertDone("shed", "old p 64 PT2M", "alert EXHAUSTED");
    String message =
        "pool 'p' is exhausted: asked 64 B, largest free block 0 B, free 0 B, used 640 B, limit 640 B;"
            + " what is older than PT2M gave 48 B back";
    assertThat(alerts).containsExactly(new Alert(Trigger.EXHAUSTED, "p", message, 0));
    assertThat(log.with("exhausted")).containsExactly("SEVERE " + message);
  }

  @Test
  void freeBytesThatAreLowAreLoggedAndCriticalOnesAlert() {
    reads(Reading.FREE_BYTES, "", NORMAL, LOW);
    assertDone();
    assertThat(log.with("free bytes"))
        .containsExactly("WARNING all pools: NORMAL -> LOW by free bytes 72, threshold 70");
    reads(Reading.FREE_BYTES, "", LOW, CRITICAL);
    assertDone("watchdog  LOW CRITICAL", "alert FREE_BYTES_CRITICAL");
    reads(Reading.FREE_BYTES, "", CRITICAL, LOW);
    reads(Reading.FREE_BYTES, "", LOW, NORMAL);
    assertDone();
    assertThat(log.with("free bytes")).hasSize(2);
  }

  @Test
  void theWatchdogHearsEveryChangeToCriticalAndUseActsOnNothingElse() {
    for (int i = 0; i < 3; i++) {
      reads(Reading.USED, "p", NORMAL, LOW);
      reads(Reading.USED, "p", LOW, CRITICAL);
      reads(Reading.USED, "p", CRITICAL, NORMAL);
    }
    assertDone("watchdog p LOW CRITICAL", "watchdog p LOW CRITICAL", "watchdog p LOW CRITICAL");
  }

  @Test
  void eachTriggerActsOnceInAnIntervalAndPoolAndCountsTheRest() {
    for (int i = 0; i < 5; i++) {
      emergencies.onExhausted(FULL);
    }
    emergencies.onExhausted(new PoolListener.Exhaustion("q", 1, 1, 0, 0, 1, 1));
    reads(Reading.FREE_BYTES, "p", NORMAL, CRITICAL);
    assertThat(alerts).extracting(Alert::pool).containsExactly("p", "q", "p");
    pass(Duration.ofSeconds(10).minusNanos(1));
    emergencies.onExhausted(FULL);
    assertThat(alerts).hasSize(3);
    pass(Duration.ofNanos(1));
    emergencies.onExhausted(FULL);
    emergencies.onExhausted(FULL);
    assertThat(alerts).hasSize(4);
    assertThat(alerts.getLast().heldBack()).isEqualTo(5);
    assertThat(log.with("not told since the last time: 5")).hasSize(1);
    pass(Duration.ofSeconds(10));
    emergencies.onExhausted(FULL);
    assertThat(alerts.getLast().heldBack()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"save", "shed", "dump", "reclaimOld", "alert", "watchdog"})
  void whatACallbackThrowsIsLoggedAndTheRestIsCalled(String thrower) {
    Runnable fail =
        () -> {
          throw new IllegalStateException("on purpose");
        };
    Emergencies.Builder builder =
        thrower.equals("dump")
            ? Emergencies.builder(
                    () -> {
                      fail.run();
                      return "";
                    })
                .restart(() -> done.add("restart"))
            : builder();
    switch (thrower) {
      case "save" -> builder.save(fail);
      case "shed" -> builder.shed(fail);
      case "reclaimOld" -> builder.reclaimOld(Duration.ZERO, (request, age) -> fails(fail));
      case "alert" -> builder.alert(alert -> fail.run());
      case "watchdog" -> builder.watchdog(alert -> fail.run());
      default -> assertThat(thrower).isEqualTo("dump");
    }
    Emergencies tested = builder.executor(Runnable::run).build();
    tested.onPressureChanged(
        new ManagerPressure(
            "p", LOW, CRITICAL, new Cause(Reading.FRAGMENTATION, LOW, CRITICAL, 90, 85)));
    tested.onExhausted(FULL);
    assertThat(log.with("threw"))
        .containsExactly("WARNING callback '" + thrower + "' of emergencies threw");
    assertThat(done).contains("restart");
    assertThat(log.with("is exhausted")).hasSize(1);
  }

  private static long fails(Runnable fail) {
    fail.run();
    return 1;
  }

  @Test
  void withoutCallbacksOnlyTheLogIsWritten() {
    Emergencies quiet = Emergencies.builder(() -> "state").executor(Runnable::run).build();
    quiet.onPressureChanged(
        new ManagerPressure(
            "p", LOW, CRITICAL, new Cause(Reading.FRAGMENTATION, LOW, CRITICAL, 90, 85)));
    quiet.onExhausted(FULL);
    assertThat(log.with("state")).hasSize(1);
    assertThat(log.with("what is older than PT1M gave 0 B back")).hasSize(1);
    assertThat(log.with("threw")).isEmpty();
  }

  @Test
  void callbacksRunInOrderOnADaemonThreadAndNobodyWaitsForThem() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Emergencies own =
        builder()
            .interval(Duration.ZERO)
            .watchdog(alert -> {
              awaitGate(gate);
              done.add("daemon " + Thread.currentThread().isDaemon());
            })
            .build();
    own.onPressureChanged(
        new ManagerPressure(
            "p", LOW, CRITICAL, new Cause(Reading.FRAGMENTATION, LOW, CRITICAL, 90, 85)));
    own.onExhausted(FULL);
    assertThat(done).as("the first callback is not through").isEmpty();
    for (int i = 0; i < 300; i++) {
      own.onExhausted(FULL);
    }
    assertThat(log.with("an emergency was dropped")).as("of 304 that came").hasSize(47);
    gate.countDown();
    Threads.until("the last is done", () -> alerts.size() == 254);
    assertThat(List.copyOf(done).subList(0, 7))
        .containsExactly(
            "daemon true", "dump", "save", "restart", "shed", "old p 64 PT2M", "alert EXHAUSTED");
  }

  private static void awaitGate(CountDownLatch gate) {
    try {
      assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException never) {
      throw new AssertionError(never);
    }
  }

  @ParameterizedTest
  @EnumSource(Reading.class)
  void ofManyThreadsAtOnceOnePasses(Reading reading) throws Exception {
    for (int round = 1; round <= 50; round++) {
      Threads.together(
          4,
          Thread.ofPlatform(),
          thread -> {
            emergencies.onExhausted(FULL);
            reads(reading, "p", NORMAL, LOW);
          });
      assertThat(done).filteredOn("shed"::equals).hasSize(round);
      pass(Duration.ofSeconds(10));
    }
    int dumps = reading == Reading.FRAGMENTATION ? 50 : 0;
    assertThat(done).filteredOn("dump"::equals).hasSize(dumps);
  }

  @Test
  void valuesOutsideOfTheirBoundsAreRefused() {
    Duration negative = Duration.ofSeconds(-1);
    assertThatThrownBy(() -> builder().interval(negative))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an interval of PT-1S: zero to 365 days are possible");
    assertThatThrownBy(() -> builder().interval(Duration.ofDays(365).plusNanos(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("an interval of PT8760H0.000000001S");
    assertThatThrownBy(() -> builder().reclaimOld(negative, (request, age) -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an age of PT-1S: it cannot be negative");
  }
}
