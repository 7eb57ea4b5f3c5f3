package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may connect, and what the page's files may do. Budget: 5 s. */
@Timeout(30)
class AccessTest {
  private static final String TOKEN = "correct horse battery";

  private final PoolManager manager =
      PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build();

  @AfterEach
  void close() {
    manager.close();
  }

  /** Status line and headers of an answer to a request written by hand. */
  private static List<String> answer(Dashboard dashboard, String request) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), dashboard.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      List<String> lines = new ArrayList<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        lines.add(line);
      }
      return lines;
    }
  }

  private static String upgrade(String host, String... headers) {
    return "GET /api HTTP/1.1\r\nHost: "
        + host
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + String.join("", List.of(headers))
        + "\r\n";
  }

  private static String get(String path, String host) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }

  @Test
  void aPageOfAnotherOriginIsRefused() throws IOException {
    try (Dashboard dashboard =
        Dashboard.builder(manager).allowOrigin("https://pools.example").start()) {
      String host = dashboard.address().getAuthority();
      assertThat(answer(dashboard, upgrade(host, "Origin: https://evil.example\r\n")).getFirst())
          .contains("403");
      assertThat(answer(dashboard, upgrade(host, "Origin: null\r\n")).getFirst()).contains("403");
      assertThat(answer(dashboard, upgrade(host, "Origin: http://" + host + "\r\n")).getFirst())
          .contains("101");
      assertThat(answer(dashboard, upgrade(host, "Origin: https://pools.example\r\n")).getFirst())
          .contains("101");
      assertThat(answer(dashboard, upgrade(host)).getFirst()).contains("101");
    }
  }

  @Test
  void aForeignNameThatPointsHereIsRefused() throws IOException {
    try (Dashboard dashboard = Dashboard.start(manager)) {
      String port = ":" + dashboard.address().getPort();
      assertThat(answer(dashboard, get("/", "evil.example" + port)).getFirst()).contains("403");
      assertThat(answer(dashboard, upgrade("evil.example" + port)).getFirst()).contains("403");
      assertThat(answer(dashboard, get("/", "localhost" + port)).getFirst()).contains("200");
    }
  }

  @Test
  void thePageMayLoadNothingFromElsewhere() throws IOException {
    try (Dashboard dashboard = Dashboard.start(manager)) {
      String host = dashboard.address().getAuthority();
      assertThat(answer(dashboard, get("/", host)))
          .anyMatch(line -> line.startsWith("Content-Security-Policy: default-src 'none'"))
          .contains("X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer")
          .noneMatch(line -> line.startsWith("Server:"));
      assertThat(answer(dashboard, get("/../pom.xml", host)).getFirst()).contains("40");
      assertThat(answer(dashboard, get("/%2e%2e/Hub.class", host)).getFirst()).contains("40");
      assertThat(answer(dashboard, get("/nothing", host)).getFirst()).contains("404");
      assertThat(answer(dashboard, get("/api", host)).getFirst()).contains("426");
      assertThat(answer(dashboard, get("/", host).replace("GET", "POST")).getFirst())
          .contains("405");
    }
  }

  @Test
  void aTokenIsAskedForInTheHeader() throws IOException {
    try (Dashboard dashboard = Dashboard.builder(manager).token(TOKEN).start()) {
      String host = dashboard.address().getAuthority();
      assertThat(answer(dashboard, upgrade(host, "Authorization: Bearer wrong\r\n")).getFirst())
          .contains("401");
      try (ApiClient client = ApiClient.of(dashboard, Map.of("Authorization", "Bearer " + TOKEN))) {
        assertThat(client.next("hello").path("authorized").asBoolean()).isTrue();
      }
    }
  }

  @Test
  void aTokenIsAskedForInTheFirstMessage() throws Exception {
    try (Dashboard dashboard = Dashboard.builder(manager).token(TOKEN).start();
        ApiClient client = ApiClient.of(dashboard)) {
      assertThat(client.next("hello").has("pools")).isFalse();
      assertThat(client.ask("{\"type\":\"history\"}").path("code").asString())
          .isEqualTo("unauthorized");
      client.send("{\"type\":\"auth\",\"token\":\"" + TOKEN + "\"}");
      assertThat(client.next("hello").path("pools").toString()).isEqualTo("[\"main\"]");
      assertThat(client.ask("{\"type\":\"history\"}").path("type").asString()).isEqualTo("reply");
    }
  }

  @Test
  void aWrongTokenEndsTheConnection() throws Exception {
    try (Dashboard dashboard = Dashboard.builder(manager).token(TOKEN).start();
        ApiClient client = ApiClient.of(dashboard)) {
      assertThat(client.ask("{\"type\":\"auth\",\"token\":\"wrong\"}").path("message").asString())
          .isEqualTo("wrong token");
      assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1008);
    }
  }

  @Test
  void anAddressThatOthersReachNeedsAToken() {
    assertThatThrownBy(() -> Dashboard.builder(manager).host("0.0.0.0").start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "other machines can reach host '0.0.0.0': a token is needed there; 127.0.0.1 needs none");
    assertThatThrownBy(() -> Dashboard.builder(manager).token("short"))
        .hasMessage("a token of 5 characters: must have at least 16");
  }

  @Test
  void whatABuilderIsGivenIsChecked() {
    Dashboard.Builder builder = Dashboard.builder(manager);
    assertThatThrownBy(() -> builder.port(65_536))
        .hasMessage("port 65536: must be from 0 to 65535");
    assertThatThrownBy(() -> builder.clients(0)).hasMessage("clients 0: must be from 1 to 1000");
    assertThatThrownBy(() -> builder.history(Duration.ofHours(2)))
        .hasMessage("a history of PT2H: must be from PT0S to PT1H");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (Dashboard first = Dashboard.start(manager)) {
      int port = first.address().getPort();
      assertThatThrownBy(() -> Dashboard.builder(manager).port(port).start())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the dashboard cannot listen on 127.0.0.1, port " + port);
    }
  }

  @Test
  void moreClientsThanThereMayBeAreRefused() throws IOException {
    try (Dashboard dashboard = Dashboard.builder(manager).clients(2).start();
        ApiClient first = ApiClient.of(dashboard);
        ApiClient second = ApiClient.of(dashboard)) {
      first.next("hello");
      second.next("hello");
      String host = dashboard.address().getAuthority();
      assertThat(answer(dashboard, upgrade(host)).getFirst()).contains("503");
      assertThat(dashboard.clients()).isEqualTo(2);
    }
  }

  @Test
  void closingSaysGoodbye() throws Exception {
    Dashboard dashboard = Dashboard.start(manager);
    ApiClient client = ApiClient.of(dashboard);
    client.next("hello");
    dashboard.close();
    dashboard.close();
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1001);
  }
}
