package io.cistern.examples.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The example serves, tells of its pools, and has no block live at its end. */
@Timeout(60)
class EchoApplicationTest {
  @Test
  void echoesOutOfThePoolAndTellsOfIt() throws Exception {
    MemoryPool pool;
    try (ConfigurableApplicationContext context =
            SpringApplication.run(EchoApplication.class, "--server.port=0");
        HttpClient client = HttpClient.newHttpClient()) {
      pool = context.getBean(PoolManager.class).pool("main");
      URI root = URI.create("http://localhost:" + port(context));
      String body = "echo".repeat(50_000);
      for (int i = 0; i < 20; i++) {
        assertThat(
                send(
                    client,
                    HttpRequest.newBuilder(root.resolve("/echo"))
                        .POST(HttpRequest.BodyPublishers.ofString(body))))
            .isEqualTo(body);
      }
      assertThat(pool.stats().allocations()).isGreaterThan(20);
      assertThat(get(client, root, "/pools")).contains("pool 'main'");
      assertThat(get(client, root, "/actuator/health"))
          .contains("\"cistern\":{", "\"pressure\":\"NORMAL\"", "\"status\":\"UP\"");
      assertThat(get(client, root, "/actuator/metrics/cistern.pool.allocations?tag=pool:main"))
          .contains("\"statistic\":\"COUNT\"");
      await().untilAsserted(() -> assertThat(pool.stats().used()).isZero());
      assertThat(pool.verify().ok()).isTrue();
    }
    assertThat(pool.isClosed()).isTrue();
  }

  private static int port(ConfigurableApplicationContext context) {
    return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
  }

  private static String get(HttpClient client, URI root, String path) throws Exception {
    return send(client, HttpRequest.newBuilder(root.resolve(path)));
  }

  private static String send(HttpClient client, HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }
}
