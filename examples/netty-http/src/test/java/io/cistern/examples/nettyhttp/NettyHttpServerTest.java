package io.cistern.examples.nettyhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NettyHttpServerTest {
  @Test
  void servesFromThePoolAndLeavesNothingLive() throws Exception {
    try (MemoryPool pool = MemoryPool.builder().tier(2048, 2048).tier(65_536, 512).build()) {
      try (NettyHttpServer server = new NettyHttpServer(0, pool);
          HttpClient client = HttpClient.newHttpClient()) {
        URI uri = URI.create("http://localhost:" + server.port() + "/you");
        assertThat(send(client, HttpRequest.newBuilder(uri)).join().body())
            .isEqualTo("hello from /you\n");
        String large = "x".repeat(100_000);
        List<CompletableFuture<HttpResponse<String>>> answers =
            IntStream.range(0, 20)
                .mapToObj(i ->
                    send(
                        client,
                        HttpRequest.newBuilder(uri)
                            .POST(HttpRequest.BodyPublishers.ofString(i + large))))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
          assertThat(answers.get(i).join().body()).isEqualTo(i + large);
        }
      }
      assertThat(pool.stats().allocations()).as("allocations").isGreaterThan(40);
      assertThat(pool.stats().used()).as(pool::dump).isZero();
      pool.verify().orThrow();
    }
  }

  private static CompletableFuture<HttpResponse<String>> send(
      HttpClient client, HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString());
  }
}
