package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What others see: everything of docs/mqtt.md through mosquitto's own commands. Budget: 5 s. */
@Timeout(60)
class ToolsTest {
  @TempDir private Path folder;

  private String port = "";

  @Test
  void mosquittoSubReadsAndMosquittoPubCommands() throws Exception {
    try (Broker broker = Broker.start(folder);
        Node node = new Node()) {
      port = "" + broker.port();
      Process all = null;
      try (MqttDiagnostics diagnostics = node.to(broker.port()).commands(true).start()) {
        awaitRetained(broker);
        all = tool("mosquitto_sub", "all", "-t", "cistern/#", "-t", "desk", "-F", "%r %t %D %p");
        readsAndAsks(node);
        assertThat(diagnostics.isConnected()).isTrue();
      }
      awaitText("all", "\"reason\":\"closed\"");
      all.destroyForcibly().waitFor();
    }
  }

  private static void awaitRetained(Broker broker) {
    try (Subscriber first = new Subscriber(broker.port(), "cistern/#")) {
      first.await("cistern/gw-1/config", any -> true);
      first.await("cistern/gw-1/health", any -> true);
    }
  }

  private void readsAndAsks(Node node) throws Exception {
    awaitText("all", "1 cistern/gw-1/state", "\"state\":\"online\"");
    awaitText("all", "1 cistern/gw-1/config", "[\"dump\",\"leaks\",\"thresholds\",\"verify\"]");
    awaitText("all", "1 cistern/gw-1/health", "\"pressure\":\"NORMAL\"");
    node.doubleFree();
    awaitText("all", "0 cistern/gw-1/event", "\"type\":\"violation\"");
    String properties = "-D publish response-topic desk -D publish correlation-data no.7";
    List<String> arguments =
        new ArrayList<>(
            List.of("-t", "cistern/gw-1/command", "-q", "1", "-m", "{\"command\":\"verify\"}"));
    arguments.addAll(List.of(properties.split(" ", -1)));
    Process request = tool("mosquitto_pub", "pub", arguments.toArray(String[]::new));
    assertThat(request.waitFor(20, TimeUnit.SECONDS)).isTrue();
    awaitText("all", "0 desk no.7 {", "\"ok\":true");
  }

  private Process tool(String name, String output, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(Broker.program(name), "-V", "5", "-h", "127.0.0.1", "-p", port));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(output).toFile())
        .start();
  }

  /** A line with all of these. */
  private void awaitText(String output, String... parts) {
    Awaitility.await(String.join(" ", parts))
        .atMost(Subscriber.PATIENCE)
        .until(() ->
            lines(output).stream()
                .anyMatch(line -> List.of(parts).stream().allMatch(line::contains)));
  }

  private List<String> lines(String output) {
    try {
      return Files.readAllLines(folder.resolve(output));
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
