package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Payloads that are longer than we, or the broker, allow. Budget: 5 s. */
@Timeout(60)
class LargePayloadTest {
  private static final int POOLS = 150;
  private static final int BROKER_BYTES = 20_000;

  @TempDir private Path folder;

  private static PoolManager manyPools() {
    PoolManager.Builder builder = PoolManager.builder();
    for (int i = 0; i < POOLS; i++) {
      builder.pool("pool-" + i, MemoryPool.builder().tier(64, 4).tier(256, 4).tier(1024, 4));
    }
    return builder.build();
  }

  @Test
  void aDumpIsCutToWhatIsAllowedAndSaysSo() {
    try (PoolManager manager = manyPools()) {
      Settings settings =
          MqttDiagnostics.builder(manager).node("many").maxPayloadBytes(10_000).settings();
      Commands commands = new Commands(manager, new Json(settings, "00000000", 0));
      byte[] reply = commands.answer("{\"command\":\"dump\"}".getBytes(StandardCharsets.UTF_8));
      assertThat(reply.length).isBetween(9_000, 10_000);
      JsonNode result = Json.parse(reply).path("result");
      int whole = manager.dump().length();
      assertThat(whole).isGreaterThan(80_000);
      assertThat(result.path("text").asString()).startsWith("pool 'pool-0'");
      assertThat(result.path("text").asString().length() + result.path("omittedChars").asInt())
          .isCloseTo(whole, org.assertj.core.data.Percentage.withPercentage(1));
    }
  }

  @Test
  void whatCannotBeCutIsRefusedWithAdvice() {
    try (PoolManager manager = manyPools()) {
      Settings settings =
          MqttDiagnostics.builder(manager).node("many").maxPayloadBytes(4096).settings();
      Commands commands = new Commands(manager, new Json(settings, "00000000", 0));
      byte[] reply = commands.answer("{\"command\":\"verify\"}".getBytes(StandardCharsets.UTF_8));
      assertThat(Json.parse(reply).path("error").asString())
          .matches(
              "the answer of \\d+ B is longer than the 4096 B that are allowed; ask for less: .*");
    }
  }

  @Test
  void theBrokersOwnLimitIsKept() {
    try (Broker broker = Broker.start(folder, "max_packet_size " + BROKER_BYTES);
        PoolManager manager = manyPools();
        Subscriber reader = new Subscriber(broker.port(), "#");
        MqttDiagnostics diagnostics =
            MqttDiagnostics.builder(manager)
                .broker("127.0.0.1", broker.port())
                .node("many")
                .commands(true)
                .start()) {
      JsonNode health = reader.await("cistern/many/health", any -> true);
      assertThat(health.path("stats").isNull()).isTrue();
      assertThat(health.path("note").asString())
          .matches("stats is left out: with it these were \\d+ B, and 17952 B is the limit");
      reader.send("cistern/many/command", "{\"command\":\"dump\"}", "desk");
      JsonNode dump = reader.await("desk", any -> true).path("result");
      assertThat(dump.path("omittedChars").asInt()).isPositive();
      assertThat(
              Objects.requireNonNull(reader.messages("desk").getFirst()).getPayloadAsBytes().length)
          .isLessThanOrEqualTo(BROKER_BYTES);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void whatTheBrokerRefusesIsCountedAndNotSentAgain() throws IOException {
    Path rules =
        Files.writeString(folder.resolve("acl"), "topic write cistern/+/health\ntopic read #\n");
    try (Broker broker = Broker.start(folder, "acl_file " + rules);
        Node node = new Node();
        Subscriber reader = new Subscriber(broker.port(), "#");
        MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      node.tellFour();
      reader.await("cistern/gw-1/health", health -> counted(health, "refused") == 4);
      reader.await("cistern/gw-1/health", health -> counted(health, "waiting") == 0);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  /** mosquitto answers what is too long for it with something that ends the connection. */
  @Test
  void anEventOverWhichConnectionsEndIsGivenUpAndTheOthersArrive() {
    try (Broker broker = Broker.start(folder, "message_size_limit 600");
        Node node = new Node();
        Subscriber reader = new Subscriber(broker.port(), "#");
        MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      Node.awaitConnected(diagnostics);
      node.doubleFree();
      Awaitility.await()
          .during(Duration.ofSeconds(2))
          .atMost(Subscriber.PATIENCE)
          .until(diagnostics::isConnected);
      node.tellFour();
      reader.await("cistern/gw-1/event", event -> event.path("seq").asLong() == 4);
      assertThat(
              reader.payloads("cistern/gw-1/event").stream()
                  .map(event -> event.path("seq").asInt()))
          .containsExactly(1, 2, 3, 4);
      assertThat(reader.messages("cistern/gw-1/config")).isEmpty();
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  private static long counted(JsonNode health, String what) {
    return health.path("events").path(what).asLong();
  }
}
