package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The broker goes and comes back, in every way in which brokers do; no event is lost that the
 * buffer can hold, and the pools notice nothing of it. Against a real mosquitto. Budget: 20 s.
 */
@Timeout(60)
class SurvivalTest {
  private static final String EVENTS = "cistern/gw-1/event";

  @TempDir private Path folder;
  private Broker broker;
  private final Node node = new Node();

  @BeforeEach
  void start() {
    broker = Broker.start(folder);
  }

  @AfterEach
  void stop() {
    node.close();
    broker.close();
  }

  @Test
  void eventsOfARestartArriveInOrderAndAllOfThem() {
    try (Subscriber reader = new Subscriber(broker.port(), EVENTS);
        MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      node.tellFour();
      broker.stop();
      Node.awaitLost(diagnostics);
      for (int i = 0; i < 10; i++) {
        node.tellFour();
      }
      broker.restart();
      Node.awaitConnected(diagnostics);
      node.tellFour();
      awaitNumbers(reader, 0, 48);
      assertThat(reader.payloads(EVENTS).stream().map(SurvivalTest::seq).distinct()).isSorted();
    }
  }

  private static long seq(JsonNode event) {
    return event.path("seq").asLong();
  }

  private static void awaitNumbers(Subscriber reader, long from, long end) {
    Awaitility.await()
        .atMost(Subscriber.PATIENCE)
        .untilAsserted(() ->
            assertThat(reader.payloads(EVENTS).stream().map(SurvivalTest::seq).distinct())
                .containsExactlyInAnyOrderElementsOf(LongStream.range(from, end).boxed().toList()));
  }

  @Test
  void beyondTheBufferTheOldestAreDroppedAndTheirNumberIsTold() {
    try (Subscriber reader = new Subscriber(broker.port(), EVENTS);
        MqttDiagnostics diagnostics = node.to(broker.port()).eventBuffer(10).start()) {
      Node.awaitConnected(diagnostics);
      broker.kill();
      Node.awaitLost(diagnostics);
      for (int i = 0; i < 6; i++) {
        node.tellFour();
      }
      broker.restart();
      JsonNode note = reader.await(EVENTS, event -> is(event, "type", "dropped"));
      assertThat(note.path("count").asInt()).isEqualTo(14);
      assertThat(note.path("message").asString())
          .isEqualTo("14 events (0 to 13) found the buffer full and were dropped");
      assertThat(note.path("details").path("fromSeq").asInt()).isZero();
      assertThat(note.path("details").path("toSeq").asInt()).isEqualTo(13);
      awaitNumbers(reader, 13, 24);
    }
  }

  @Test
  void killedTwiceUnderLoadNoEventIsLost() throws InterruptedException {
    AtomicBoolean loaded = new AtomicBoolean(true);
    AtomicLong refused = new AtomicLong();
    try (Subscriber reader = new Subscriber(broker.port(), EVENTS);
        MqttDiagnostics diagnostics = node.to(broker.port()).eventBuffer(10_000).start()) {
      Thread load = Thread.ofPlatform().start(() -> load(loaded, refused));
      for (int life = 0; life < 2; life++) {
        awaitMore(reader);
        broker.kill();
        Node.awaitLost(diagnostics);
        broker.restart();
        Node.awaitConnected(diagnostics);
      }
      awaitMore(reader);
      loaded.set(false);
      load.join();
      Awaitility.await()
          .atMost(Subscriber.PATIENCE)
          .untilAsserted(() -> assertThat(counted(reader)).isEqualTo(refused.get()));
      assertThat(node.manager.stats().pools().getFirst().failed()).isEqualTo(refused.get());
    } finally {
      loaded.set(false);
    }
  }

  private static void awaitMore(Subscriber reader) {
    int seen = reader.payloads(EVENTS).size();
    Awaitility.await()
        .atMost(Subscriber.PATIENCE)
        .until(() -> reader.payloads(EVENTS).size() > seen + 3);
  }

  private void load(AtomicBoolean loaded, AtomicLong refused) {
    while (loaded.get()) {
      node.refuse(100);
      refused.addAndGet(100);
    }
  }

  private static long counted(Subscriber reader) {
    Map<Long, Long> counts = new HashMap<>();
    reader.payloads(EVENTS).stream()
        .filter(event -> is(event, "type", "exhausted"))
        .forEach(event -> counts.put(seq(event), event.path("count").asLong()));
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void aKilledNodeIsOfflineByItsLastWill() throws Exception {
    try (Subscriber reader = new Subscriber(broker.port(), "cistern/+/state");
        KilledNode killed = KilledNode.start(broker.port())) {
      reader.await("cistern/victim/state", state -> is(state, "state", "online"));
      killed.kill();
      JsonNode will = reader.await("cistern/victim/state", state -> is(state, "state", "offline"));
      assertThat(will.path("reason").asString()).isEqualTo("lost");
    }
  }

  private static boolean is(JsonNode payload, String field, String wanted) {
    return payload.path(field).asString().equals(wanted);
  }

  @Test
  void aFrozenBrokerKeepsNoAllocationWaitingAndClosingIsBounded() {
    MqttDiagnostics diagnostics = node.to(broker.port()).start();
    Node.awaitConnected(diagnostics);
    broker.freeze();
    try {
      for (int i = 0; i < 500; i++) {
        node.tellFour();
        try (MemoryBlock block = node.pool.allocate(100)) {
          assertThat(block.byteSize()).isEqualTo(100);
        }
      }
      node.refuse(10_000);
      long start = System.nanoTime();
      diagnostics.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    } finally {
      broker.thaw();
    }
  }

  @Test
  void aConnectionThatComesAboutAfterTheEndIsClosed() {
    broker.freeze();
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Awaitility.await().atMost(Subscriber.PATIENCE).until(SurvivalTest::isConnecting);
      assertThat(diagnostics.isConnected()).isFalse();
    } finally {
      broker.thaw();
    }
    Awaitility.await()
        .atMost(Subscriber.PATIENCE)
        .until(() -> broker.log().contains("Received DISCONNECT from cistern-gw-1"));
  }

  private static boolean isConnecting() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("cistern-mqtt-io"));
  }

  @Test
  void aListenerThatSaysNothingIsNoBroker() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      MqttDiagnostics diagnostics = node.to(silent.getLocalPort()).start();
      silent.accept();
      node.refuse(1000);
      assertThat(diagnostics.isConnected()).isFalse();
      long start = System.nanoTime();
      diagnostics.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void aBrokerThatComesLateGetsWhatHappenedBefore() {
    try (Subscriber reader = new Subscriber(broker.port(), EVENTS)) {
      broker.stop();
      try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
        node.doubleFree();
        broker.restart();
        Node.awaitConnected(diagnostics);
        reader.await(EVENTS, event -> is(event, "type", "violation"));
      }
    }
  }
}
