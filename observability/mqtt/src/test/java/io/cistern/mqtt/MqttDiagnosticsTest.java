package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.cistern.CheckLevel;
import io.cistern.ManagerStats;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a broker is told of a node, and when. Against a real mosquitto. Budget: 10 s. */
@Timeout(60)
class MqttDiagnosticsTest {
  @TempDir private Path folder;
  private Broker broker;
  private Subscriber reader;
  private final Node node = new Node();

  @BeforeEach
  void start() {
    broker = Broker.start(folder);
    reader = new Subscriber(broker.port(), "cistern/#");
  }

  @AfterEach
  void stop() {
    node.close();
    reader.close();
    broker.close();
  }

  @Test
  void healthIsTheSnapshotOfEveryChannelAtTheInterval() {
    try (MemoryBlock held = node.pool.allocate(200);
        MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      JsonNode third =
          reader.await("cistern/gw-1/health", health -> health.path("seq").asInt() == 2);
      assertThat(held.byteSize()).isEqualTo(200);
      assertThat(diagnostics.isConnected()).isTrue();
      ManagerStats now = node.manager.stats();
      JsonNode expected = asSent(now);
      JsonNode stats = third.path("stats");
      assertThat(stats.propertyNames()).containsExactlyElementsOf(expected.propertyNames());
      assertThat(stats.path("budgetBytes").asLong()).isEqualTo(1 << 20);
      assertThat(stats.path("pools").path(0).path("tiers"))
          .isEqualTo(expected.path("pools").path(0).path("tiers"));
      assertThat(stats.path("pools").path(0).path("tiers").path(0).path("used").asInt()).isOne();
      assertThat(third.path("intervalMillis").asInt()).isEqualTo(200);
      assertThat(reader.messages("cistern/gw-1/health").getFirst().getQos())
          .isEqualTo(MqttQos.AT_MOST_ONCE);
    }
  }

  private static JsonNode asSent(Object shown) {
    return Json.parse(Json.bytes(Json.tree(shown)));
  }

  @Test
  void everyPayloadBeginsWithSchemaNodeAndSession() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      node.doubleFree();
      for (String leaf : List.of("state", "config", "health", "event")) {
        JsonNode first = reader.await("cistern/gw-1/" + leaf, any -> true);
        assertThat(first.propertyNames()).startsWith("schema", "node", "session");
        assertThat(first.path("schema").asInt()).isOne();
        assertThat(first.path("node").asString()).isEqualTo("gw-1");
        assertThat(first.path("session").asString()).matches("[0-9a-f]{8}");
      }
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void whatComesLaterFindsStateConfigurationAndHealth() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      reader.await("cistern/gw-1/health", health -> true);
      assertThat(diagnostics.isConnected()).isTrue();
    }
    try (Subscriber late = new Subscriber(broker.port(), "cistern/+/+")) {
      assertThat(late.await("cistern/gw-1/state", any -> true).path("state").asString())
          .isEqualTo("offline");
      JsonNode config = late.await("cistern/gw-1/config", any -> true);
      assertThat(config.path("commands")).isEmpty();
      assertThat(config.path("budgetBytes").asLong()).isEqualTo(1 << 20);
      assertThat(config.path("pools").path(0).path("tiers").path(1).path("total").asInt())
          .isEqualTo(8);
      assertThat(config.path("pressureLimits")).isEqualTo(asSent(node.manager.pressureLimits()));
      late.await("cistern/gw-1/health", any -> true);
      assertThat(late.messages("cistern/gw-1/event")).isEmpty();
    }
  }

  @Test
  void aChangedConfigurationIsToldAgain() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      reader.await("cistern/gw-1/config", any -> true);
      node.manager.setPressureLimits(node.manager.pressureLimits().withUsedPercent(10, 20));
      reader.await(
          "cistern/gw-1/config",
          config -> config.path("pressureLimits").path("criticalUsedPercent").asInt() == 20);
      assertThat(diagnostics.isConnected()).isTrue();
    }
    assertThat(reader.messages("cistern/gw-1/config")).hasSize(2);
  }

  @Test
  void onlineAndOfflineAreSaidInOrder() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      reader.await("cistern/gw-1/state", any -> true);
      assertThat(diagnostics.isConnected()).isTrue();
    }
    JsonNode closed = reader.await("cistern/gw-1/state", state -> state.has("reason"));
    assertThat(closed.path("reason").asString()).isEqualTo("closed");
    assertThat(reader.payloads("cistern/gw-1/state")).hasSize(2);
  }

  @Test
  void refusedRequestsAreCountedToTheLastOneThoughFewAreTold() {
    int times = 5000;
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      node.refuse(times);
      Awaitility.await()
          .atMost(Subscriber.PATIENCE)
          .untilAsserted(() -> assertThat(counted("exhausted")).isEqualTo(times));
    }
    JsonNode first = events("exhausted").getFirst();
    assertThat(events("exhausted")).hasSizeLessThan(times / 10);
    assertThat(first.path("pool").asString()).isEqualTo("main");
    assertThat(first.path("severity").asString()).isEqualTo("error");
    assertThat(first.path("message").asString())
        .isEqualTo(
            "pool 'main' is exhausted: asked 1000 B, largest free block 256 B, free 2048 B, used 8192 B, limit 10240 B");
    assertThat(first.path("details").path("requestedBytes").asInt()).isEqualTo(1000);
  }

  @Test
  void pressureIsToldWithItsCause() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      long[] handles = new long[Node.BLOCKS];
      assertThat(node.manager.pool("other").tryAllocateHandles(64, handles, 0, Node.BLOCKS))
          .isEqualTo(Node.BLOCKS);
      JsonNode up = reader.await("cistern/gw-1/event", event -> isPressure(event, "CRITICAL"));
      assertThat(up.path("pool").asString()).isEqualTo("other");
      assertThat(up.path("severity").asString()).isEqualTo("error");
      assertThat(up.path("details").path("cause").path("value").asDouble()).isEqualTo(100);
      node.manager.pool("other").free(handles, 0, Node.BLOCKS);
      JsonNode down = reader.await("cistern/gw-1/event", event -> isPressure(event, "NORMAL"));
      assertThat(down.path("severity").asString()).isEqualTo("info");
    }
  }

  private static boolean isPressure(JsonNode event, String to) {
    return event.path("type").asString().equals("pressure")
        && event.path("details").path("to").asString().equals(to)
        && event.path("pool").asString().equals("other");
  }

  @Test
  void aViolationNamesThePoolAndThePlace() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      node.doubleFree();
      JsonNode event = reader.await("cistern/gw-1/event", each -> is(each, "violation"));
      assertThat(event.path("pool").asString()).isEqualTo("main");
      assertThat(event.path("message").asString()).startsWith("pool 'main': DOUBLE_FREE: ");
      assertThat(event.path("details").path("reason").asString()).isEqualTo("DOUBLE_FREE");
      assertThat(event.path("details").path("stack").toString()).contains("Node.lambda$doubleFree");
    }
  }

  @Test
  void damageOfACheckedPoolIsToldWithThePlaces() {
    try (PoolManager checked =
            PoolManager.builder()
                .pool("checked", MemoryPool.builder().checks(CheckLevel.CHECKED).tier(256, 4))
                .build();
        MqttDiagnostics diagnostics =
            MqttDiagnostics.builder(checked).broker("127.0.0.1", broker.port()).node("c").start()) {
      Node.awaitConnected(diagnostics);
      damage(checked.pool("checked"));
      JsonNode event = reader.await("cistern/c/event", each -> is(each, "damage"));
      assertThat(event.path("details").path("kind").asString()).isEqualTo("WRITE_AFTER_FREE");
      assertThat(event.path("details").path("allocated").toString()).contains("damage");
      assertThat(event.path("message").asString()).contains("was written to after it was freed");
      assertThat(event.path("message").asString()).doesNotContain("\n");
    }
  }

  private static void damage(MemoryPool pool) {
    MemoryBlock block = pool.allocate(100);
    MemorySegment stale = block.segment();
    block.close();
    stale.set(ValueLayout.JAVA_BYTE, 7, (byte) 42);
    List<MemoryBlock> all = Stream.generate(() -> pool.allocate(1)).limit(4).toList();
    all.forEach(MemoryBlock::close);
  }

  @Test
  void nothingIsHeardWhileItIsClosedAndNoListenerStays() {
    node.doubleFree();
    node.to(broker.port()).start().close();
    node.doubleFree();
    try (MqttDiagnostics again = node.to(broker.port()).start()) {
      Node.awaitConnected(again);
      node.doubleFree();
      JsonNode event = reader.await("cistern/gw-1/event", each -> is(each, "violation"));
      assertThat(event.path("seq").asLong()).isZero();
      assertThat(event.path("count").asLong()).isOne();
    }
    assertThat(events("violation")).hasSize(1);
  }

  /** mosquitto does not say why it sends the first away, so both come again, but ever later. */
  @Test
  void twoNodesWithOneIdTakeTurnsEverMoreSlowly() {
    try (Node twin = new Node();
        MqttDiagnostics first =
            node.to(broker.port())
                .reconnect(Duration.ofMillis(50), Duration.ofSeconds(30))
                .start();
        MqttDiagnostics second =
            twin.to(broker.port())
                .reconnect(Duration.ofMillis(50), Duration.ofSeconds(30))
                .start()) {
      Awaitility.await()
          .atMost(Subscriber.PATIENCE)
          .until(() -> sessions().stream().distinct().count() == 2 && lastTurn() >= 6);
      assertThat(first.isConnected()).isNotEqualTo(second.isConnected());
    }
  }

  private List<JsonNode> sessions() {
    return reader.payloads("cistern/gw-1/health").stream()
        .map(health -> health.path("session"))
        .toList();
  }

  /** How many healths the one that speaks has told since the other one was heard. */
  private int lastTurn() {
    List<JsonNode> sessions = sessions();
    int turn = 0;
    while (turn < sessions.size()
        && sessions.get(sessions.size() - 1 - turn).equals(sessions.getLast())) {
      turn++;
    }
    return turn;
  }

  @Test
  void aNodeMustBeNamed() {
    assertThatThrownBy(() -> MqttDiagnostics.builder(node.manager).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no node was named: node(NAME) is needed");
  }

  private List<JsonNode> events(String type) {
    return reader.payloads("cistern/gw-1/event").stream().filter(each -> is(each, type)).toList();
  }

  private long counted(String type) {
    return events(type).stream().mapToLong(event -> event.path("count").asLong()).sum();
  }

  private static boolean is(JsonNode event, String type) {
    return event.path("type").asString().equals(type);
  }
}
