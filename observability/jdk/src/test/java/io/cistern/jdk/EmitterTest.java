package io.cistern.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.PoolListener.Exhaustion;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who tells never waits for who hears; storms are held back, and counted. Budget: 5 s. */
@Timeout(30)
class EmitterTest {
  private static final Exhaustion FIGURES = new Exhaustion("p", 10, 16, 0, 0, 64, 64);

  private final AtomicLong nanos = new AtomicLong();
  private final Outbox outbox = new Outbox();
  private final Emitter emitter = new Emitter(name(), outbox, nanos::get);
  private final List<Notification> heard = new CopyOnWriteArrayList<>();

  private static ObjectName name() {
    try {
      return new ObjectName("io.cistern:type=Test");
    } catch (javax.management.MalformedObjectNameException wrong) {
      throw new AssertionError(wrong);
    }
  }

  @AfterEach
  void close() {
    outbox.close();
  }

  private void tell(EventKind kind) {
    emitter.tell(kind, () -> "told", FIGURES);
  }

  @Test
  void carriesTheFiguresAsCompositeData() {
    emitter.addNotificationListener((told, handback) -> heard.add(told), null, null);
    tell(EventKind.EXHAUSTED);
    await().until(() -> heard.size() == 1);
    Notification told = heard.getFirst();
    assertThat(told.getType()).isEqualTo("io.cistern.exhausted");
    assertThat(told.getSource()).isEqualTo(name());
    assertThat(told.getSequenceNumber()).isEqualTo(1);
    CompositeData data = (CompositeData) told.getUserData();
    assertThat(data.get("pool")).isEqualTo("p");
    assertThat(data.get("requestedBytes")).isEqualTo(10L);
  }

  @Test
  void ofAStormOneASecondIsTold() {
    emitter.addNotificationListener((told, handback) -> heard.add(told), null, null);
    for (int i = 0; i < 1000; i++) {
      tell(EventKind.EXHAUSTED);
    }
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    tell(EventKind.EXHAUSTED);
    await().until(() -> heard.size() == 2);
    assertThat(heard.getFirst().getMessage()).isEqualTo("told");
    assertThat(heard.getLast().getMessage()).isEqualTo("told (999 more since the one before)");
  }

  @Test
  void levelsAreToldEachTime() {
    emitter.addNotificationListener((told, handback) -> heard.add(told), null, null);
    for (int i = 0; i < 100; i++) {
      tell(EventKind.PRESSURE);
    }
    await().until(() -> heard.size() == 100);
    assertThat(heard.stream().map(Notification::getSequenceNumber)).isSorted();
  }

  @Test
  void aListenerThatHangsCostsNotificationsAndNothingElse() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    emitter.addNotificationListener(
        (told, handback) -> {
          hangs.countDown();
          try {
            goOn.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        },
        null,
        null);
    tell(EventKind.PRESSURE);
    hangs.await();
    for (int i = 0; i < Outbox.CAPACITY + 7; i++) {
      tell(EventKind.PRESSURE);
    }
    assertThat(outbox.dropped()).isEqualTo(7);
    goOn.countDown();
  }

  @Test
  void aListenerThatThrowsIsNotInTheWayOfTheNext() {
    emitter.addNotificationListener(
        (told, handback) -> {
          throw new IllegalStateException("on purpose");
        },
        null,
        null);
    emitter.addNotificationListener((told, handback) -> heard.add(told), null, null);
    tell(EventKind.PRESSURE);
    tell(EventKind.PRESSURE);
    await().until(() -> heard.size() == 2);
  }

  @Test
  void nothingIsMadeBeforeSomebodyListens() {
    emitter.tell(
        EventKind.PRESSURE,
        () -> {
          throw new AssertionError("nobody listens");
        },
        FIGURES);
    emitter.addNotificationListener((told, handback) -> heard.add(told), null, null);
    tell(EventKind.PRESSURE);
    await().until(() -> heard.size() == 1);
    assertThat(heard.getFirst().getSequenceNumber()).isEqualTo(1);
  }
}
