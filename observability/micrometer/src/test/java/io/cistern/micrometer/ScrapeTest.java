package io.cistern.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What Prometheus sees: scrapes over HTTP, read by a parser that is not ours. Time budget: 10 s.
 */
@Timeout(60)
class ScrapeTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void everyFigureOfTheSnapshotIsThereAndNothingElse() throws Exception {
    try (Rig rig = new Rig().busy();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      await().untilAsserted(() -> isAsExpected(rig, server.uri())); // reclaimers run by themselves
      Map<String, Double> scraped = Scrape.of(server.uri());
      assertThat(scraped)
          .containsEntry("cistern_tier_spilled_out_total{pool=main,tier=256}", 2.0)
          .containsEntry("cistern_pool_fallback_used_bytes{pool=main}", 2 * 200.0)
          .containsEntry("cistern_pool_failed_total{pool=tight}", 1.0)
          .containsEntry("cistern_pool_refused_total{pool=tight}", 1.0)
          .containsEntry("cistern_pool_violations_total{pool=main}", 1.0)
          .containsEntry("cistern_pool_frees_deferred_total{pool=main}", 1.0)
          .containsEntry("cistern_pool_regions_grown_total{pool=grown}", 1.0)
          .containsEntry("cistern_quota_failed_total{quota=network/tcp}", 1.0)
          .containsEntry("cistern_pool_pressure{pool=tight}", 2.0);
      assertThat(scraped.get("cistern_variable_fragmentation_percent{pool=any}")).isPositive();
    }
  }

  private static void isAsExpected(Rig rig, URI uri) throws Exception {
    Map<String, Double> scraped = Scrape.of(uri);
    scraped.keySet().removeIf(name -> name.startsWith("cistern_pool_suspects_age_seconds"));
    Map<String, Double> expected = Expected.of(rig.manager, MINUTE);
    assertThat(scraped).containsOnlyKeys(expected.keySet());
    expected.forEach((name, value) ->
        assertThat(scraped.get(name)).as(name).isEqualTo(value, within(value * 1e-9)));
  }

  @Test
  void nextScrapeHasWhatHasChanged() throws Exception {
    try (Rig rig = new Rig();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      assertThat(Scrape.of(server.uri())).containsEntry("cistern_pool_blocks{pool=tight}", 0.0);
      try (MemoryBlock block = rig.pool("tight").allocate(64)) {
        assertThat(block.isLive()).isTrue();
        assertThat(Scrape.of(server.uri())).containsEntry("cistern_pool_blocks{pool=tight}", 1.0);
      }
      assertThat(Scrape.of(server.uri())).containsEntry("cistern_pool_blocks{pool=tight}", 0.0);
    }
  }

  @Test
  void allElseIsAnsweredWithAHint() throws Exception {
    try (Rig rig = new Rig();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      HttpURLConnection root = ask("GET", server.uri().resolve("/"));
      assertThat(root.getResponseCode()).isEqualTo(404);
      assertThat(root.getErrorStream().readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("the metrics are at " + server.uri() + "\n");
      HttpURLConnection post = ask("POST", server.uri());
      assertThat(post.getResponseCode()).isEqualTo(405);
      assertThat(post.getHeaderField("Allow")).isEqualTo("GET, HEAD");
      HttpURLConnection head = ask("HEAD", server.uri());
      assertThat(head.getResponseCode()).isEqualTo(200);
      assertThat(head.getInputStream().readAllBytes()).isEmpty();
      assertThat(ask("GET", server.uri()).getContentType())
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    }
  }

  private static HttpURLConnection ask(String method, URI uri) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    return connection;
  }

  @Test
  void portThatIsTakenIsRefusedAndLosesNothing() throws Exception {
    try (Rig rig = new Rig();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      Assertions.assertThatThrownBy(() -> MetricsServer.start(rig.manager, server.uri().getPort()))
          .isInstanceOf(BindException.class);
      assertThat(Scrape.of(server.uri())).isNotEmpty();
    }
  }

  @Test
  void clientsThatDieHoldUpNobody() throws Exception {
    try (Rig rig = new Rig().busy();
        MetricsServer server = MetricsServer.start(rig.manager, 0)) {
      for (int i = 0; i < 20; i++) {
        killed(server.uri().getPort());
      }
      assertThat(Scrape.of(server.uri())).containsEntry("cistern_pool_blocks{pool=tight}", 1.0);
    }
  }

  /** The answer, some 5 MB, is more than what the system keeps for a client that does not read. */
  @Test
  void clientThatDoesNotReadHoldsUpNobody() throws Exception {
    PoolManager.Builder many = PoolManager.builder();
    for (int i = 0; i < 200; i++) {
      MemoryPool.Builder pool = MemoryPool.builder();
      for (int tier = 1; tier <= 30; tier++) {
        pool.tier(64L * tier, 1);
      }
      many.pool("pool" + i, pool);
    }
    try (PoolManager manager = many.build();
        MetricsServer server = MetricsServer.start(manager, 0);
        Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(4096);
      deaf.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.uri().getPort()));
      ask(deaf);
      assertThat(deaf.getInputStream().read()).isEqualTo('H'); // the rest of it is under way
      assertThat(Scrape.of(server.uri())).containsKey("cistern_pool_blocks{pool=pool199}");
    }
  }

  /** Reads the first bytes of an answer, and resets the connection. */
  private static void killed(int port) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoLinger(true, 0);
      ask(socket);
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(16)).asString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200");
    }
  }

  private static void ask(Socket socket) throws Exception {
    OutputStream out = socket.getOutputStream();
    out.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
