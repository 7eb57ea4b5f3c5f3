package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Clients that subscribe to much and read nothing: skipped, cut off, and noticed by nobody. Budget:
 * 20 s.
 */
@Timeout(60)
class SlowClientTest {
  private static final String SUBSCRIBE =
      "{\"type\":\"subscribe\",\"channels\":[\"snapshot\",\"events\",\"map\"],\"pool\":\"main\",\"intervalMillis\":100}";

  @Test
  void aClientThatNeverReadsHoldsNobodyUpAndIsCutOff() throws IOException {
    try (PoolManager manager =
            PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 500_000)).build();
        Dashboard dashboard = Dashboard.start(manager);
        Socket deaf = connect(dashboard);
        ApiClient other = ApiClient.of(dashboard)) {
      for (int i = 0; i < 20; i++) {
        send(deaf, SUBSCRIBE);
      }
      other.send("{\"type\":\"subscribe\",\"channels\":[\"snapshot\"],\"intervalMillis\":100}");
      churn(manager.pool("main"));
      long first = other.next("snapshot").path("sequence").asLong();
      JsonNode tenth = other.next(m -> m.path("sequence").asLong() >= first + 10);
      assertThat(tenth.path("dropped").asLong()).isLessThan(10);
      await()
          .atMost(Duration.ofMillis(3 * WebSocketLink.SEND_MILLIS))
          .until(() -> dashboard.clients() == 1);
      manager.verify().forEach(report -> assertThat(report.ok()).isTrue());
    }
  }

  @Test
  void aClientThatAsksWithoutReadingIsNotReadEither() throws IOException {
    try (PoolManager manager =
            PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build();
        Dashboard dashboard = Dashboard.start(manager);
        Socket deaf = connect(dashboard)) {
      deaf.setSendBufferSize(4096);
      AtomicLong sent = new AtomicLong();
      Thread flood = Thread.ofPlatform().daemon().start(() -> flood(deaf, sent));
      AtomicLong before = new AtomicLong();
      await()
          .atMost(Duration.ofMillis(WebSocketLink.SEND_MILLIS))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
      try (ApiClient other = ApiClient.of(dashboard)) {
        assertThat(other.ask("{\"type\":\"history\"}").path("type").asString()).isEqualTo("reply");
      }
      assertThat(flood.isAlive()).isTrue();
    }
  }

  private static void flood(Socket deaf, AtomicLong sent) {
    try {
      while (true) {
        send(deaf, "{\"type\":\"history\"}");
        sent.incrementAndGet();
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void churn(MemoryPool pool) {
    for (int i = 0; i < 1_000_000; i++) {
      pool.free(pool.allocateHandle(64));
    }
  }

  private static Socket connect(Dashboard dashboard) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), dashboard.address().getPort()));
    String upgrade =
        "GET /api HTTP/1.1\r\nHost: "
            + dashboard.address().getAuthority()
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** One masked text frame; the mask is 0. */
  private static void send(Socket socket, String message) throws IOException {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        text.length < 126
            ? new byte[] {(byte) 0x81, (byte) (0x80 | text.length), 0, 0, 0, 0}
            : new byte[] {
              (byte) 0x81, (byte) 0xFE, (byte) (text.length >> 8), (byte) text.length, 0, 0, 0, 0
            };
    OutputStream out = socket.getOutputStream();
    out.write(head);
    out.write(text);
    out.flush();
  }
}
