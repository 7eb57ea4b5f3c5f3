package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.cistern.MemoryBlock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Commands from afar, and their replies, over a real mosquitto. Budget: 10 s. */
@Timeout(60)
class CommandsTest {
  private static final String COMMAND = "cistern/gw-1/command";
  private static final String REPLY = "cistern/gw-1/reply";
  private static final String ALLOWED =
      "a command is a JSON object such as {\"command\":\"dump\"}; allowed: dump, leaks, thresholds, verify";

  @TempDir private Path folder;
  private Broker broker;
  private Subscriber operator;
  private final Node node = new Node();

  @BeforeEach
  void start() {
    broker = Broker.start(folder);
    operator = new Subscriber(broker.port(), "#");
  }

  @AfterEach
  void stop() {
    node.close();
    operator.close();
    broker.close();
  }

  private MqttDiagnostics heard() {
    MqttDiagnostics diagnostics = node.to(broker.port()).commands(true).start();
    operator.await("cistern/gw-1/health", health -> true); // later than the subscription
    return diagnostics;
  }

  private JsonNode ask(String command) {
    operator.send(COMMAND, command, null);
    return operator.await(REPLY, any -> true);
  }

  @Test
  void theReplyGoesWhereTheRequestSaysWithItsCorrelation() {
    try (MqttDiagnostics diagnostics = heard()) {
      operator.send(
          COMMAND, "{\"command\":\"verify\"}", "office/desk/7", (byte) 1, (byte) 0, (byte) -1);
      JsonNode reply = operator.await("office/desk/7", any -> true);
      assertThat(reply.path("ok").asBoolean()).isTrue();
      assertThat(reply.path("result").path("ok").asBoolean()).isTrue();
      assertThat(reply.path("result").path("reports").path(0).path("pool").asString())
          .isEqualTo("main");
      Mqtt5Publish message = operator.messages("office/desk/7").getFirst();
      assertThat(message.getCorrelationData()).contains(ByteBuffer.wrap(new byte[] {1, 0, -1}));
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void dumpIsWhatThePoolsSay() {
    try (MqttDiagnostics diagnostics = heard()) {
      JsonNode reply = ask("{\"command\":\"dump\",\"pool\":\"other\"}");
      assertThat(reply.path("result").path("text").asString())
          .startsWith("pool 'other'")
          .doesNotContain("main");
      assertThat(reply.path("result").path("omittedChars").asInt()).isZero();
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void leaksAreTheReportsOfThePools() {
    try (MemoryBlock held = node.pool.allocate(100);
        MqttDiagnostics diagnostics = heard()) {
      JsonNode reply = ask("{\"command\":\"leaks\",\"olderThanSeconds\":0}");
      JsonNode report = reply.path("result").path("reports").path(0);
      assertThat(report.path("pool").asString()).isEqualTo("main");
      assertThat(report.path("olderThan").asString()).isEqualTo("PT0S");
      assertThat(report.path("sites").path(0).path("stack").path(0).asString())
          .contains("CommandsTest");
      assertThat(held.byteSize()).isEqualTo(100);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void thresholdsAreChangedAndToldInTheConfiguration() {
    try (MqttDiagnostics diagnostics = heard()) {
      JsonNode reply =
          ask("{\"command\":\"thresholds\",\"lowUsedPercent\":70,\"criticalUsedPercent\":90.5}");
      JsonNode limits = reply.path("result").path("pressureLimits");
      assertThat(limits.path("criticalUsedPercent").asDouble()).isEqualTo(90.5);
      assertThat(limits.path("hysteresisPercent").asDouble()).isEqualTo(5);
      assertThat(node.manager.pressureLimits().lowUsedPercent()).isEqualTo(70);
      operator.await(
          "cistern/gw-1/config",
          config -> config.path("pressureLimits").path("lowUsedPercent").asInt() == 70);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void thresholdsOfOnePool() {
    try (MqttDiagnostics diagnostics = heard()) {
      JsonNode reply =
          ask(
              "{\"command\":\"thresholds\",\"pool\":\"main\",\"lowUsedPercent\":1,\"criticalUsedPercent\":2}");
      assertThat(reply.path("ok").asBoolean()).isTrue();
      try (MemoryBlock block = node.pool.allocate(1024)) {
        assertThat(block.byteSize()).isEqualTo(1024);
        assertThat(node.pool.stats().pressure().name()).isEqualTo("CRITICAL");
      }
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"command\":\"dumpp\"} | unknown command 'dumpp'; allowed: dump, leaks, thresholds, verify",
        "{\"command\":\"dump\",\"pol\":\"x\"} | command 'dump' has no field 'pol'; allowed: pool",
        "{\"command\":\"verify\",\"pool\":\"main\"} | command 'verify' has no field 'pool'; allowed: none",
        "{\"command\":\"dump\",\"pool\":\"x\"} | no pool is named 'x'; there are: [main, other]",
        "{\"command\":\"dump\",\"pool\":5} | field 'pool' is no text: 5",
        "{\"command\":\"leaks\",\"olderThanSeconds\":-1} | olderThanSeconds -1.0: 0 to 1000000000 is allowed",
        "{\"command\":\"leaks\",\"olderThanSeconds\":\"x\"} | field 'olderThanSeconds' is no number: \"x\"",
        "{\"command\":\"thresholds\",\"lowUsedPercent\":99} | used thresholds of 99.0 % and 95.0 %: 0 < low < critical <= 100 is needed",
        "{\"command\":\"thresholds\",\"lowFreeBytes\":1.5} | field 'lowFreeBytes' is no whole number of bytes: 1.5",
        "{\"command\":\"thresholds\",\"pool\":\"main\",\"lowUsedPercent\":1} | of a pool, lowUsedPercent and criticalUsedPercent are changed, both at once",
      })
  void aWrongCommandIsAnsweredWithWhatIsAllowed(String command, String error) {
    Commands commands = new Commands(node.manager, json());
    JsonNode reply = Json.parse(commands.answer(command.getBytes(StandardCharsets.UTF_8)));
    assertThat(reply.path("ok").asBoolean()).isFalse();
    assertThat(reply.path("error").asString()).isEqualTo(error);
    assertThat(node.manager.pressureLimits().lowUsedPercent()).isEqualTo(80);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dump",
        "[]",
        "7",
        "{}",
        "{\"command\":7}",
        "{\"command\":\"dump\"}x",
        "{\"command\":\"dump\",\"command\":\"verify\"}",
        "\u0000\u0001",
        "{\"command\":"
      })
  void whatIsNoCommandIsAnsweredWithWhatOneIs(String garbage) {
    Commands commands = new Commands(node.manager, json());
    JsonNode reply = Json.parse(commands.answer(garbage.getBytes(StandardCharsets.UTF_8)));
    assertThat(reply.path("ok").asBoolean()).isFalse();
    assertThat(reply.path("error").asString()).endsWith(ALLOWED);
  }

  private Json json() {
    return new Json(node.to(1).settings(), "00000000", 0);
  }

  @Test
  void deeplyNestedGarbageIsAnswered() {
    try (MqttDiagnostics diagnostics = heard()) {
      JsonNode reply = ask("[".repeat(60_000));
      assertThat(reply.path("ok").asBoolean()).isFalse();
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void noCommandIsHeardUnlessEnabled() {
    try (MqttDiagnostics diagnostics = node.to(broker.port()).start()) {
      operator.await("cistern/gw-1/health", health -> true);
      operator.send(COMMAND, "{\"command\":\"thresholds\",\"lowUsedPercent\":1}", null);
      long seen = operator.payloads("cistern/gw-1/health").size();
      operator.await("cistern/gw-1/health", health -> health.path("seq").asLong() > seen + 3);
      assertThat(operator.messages(REPLY)).isEmpty();
      assertThat(node.manager.pressureLimits().lowUsedPercent()).isEqualTo(80);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void noReplyIsSentToWhereNodesSpeakOrListen() {
    try (MqttDiagnostics diagnostics = heard()) {
      for (String topic : new String[] {"cistern/gw-2/command", "cistern/gw-2/state"}) {
        operator.send(COMMAND, "{\"command\":\"verify\"}", topic);
        operator.await(
            REPLY, reply -> reply.path("error").asString().equals("no replies go to " + topic));
        assertThat(operator.messages(topic)).isEmpty();
      }
      operator.send(COMMAND, "{\"command\":\"verify\"}", "cistern/desk/reply");
      operator.await("cistern/desk/reply", reply -> reply.path("ok").asBoolean());
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }

  @Test
  void aHundredCommandsAtOnceAreAllAnswered() {
    try (MqttDiagnostics diagnostics = heard()) {
      for (int i = 0; i < 100; i++) {
        operator.send(COMMAND, "{\"command\":\"verify\"}", "desk", (byte) i);
      }
      org.awaitility.Awaitility.await()
          .atMost(Subscriber.PATIENCE)
          .until(() -> operator.messages("desk").size() == 100);
      assertThat(diagnostics.isConnected()).isTrue();
    }
  }
}
