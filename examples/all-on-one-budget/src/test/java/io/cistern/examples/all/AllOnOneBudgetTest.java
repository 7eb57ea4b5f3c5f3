package io.cistern.examples.all;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.ManagerStats;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import io.cistern.examples.arrow.ArrowPipeline;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Four frameworks on one manager, all under load at once: each has its line in one snapshot, and
 * one of them that takes all it may does not starve the others. Time budget: 20 seconds.
 */
@Timeout(120)
class AllOnOneBudgetTest {
  private static final List<String> FRAMEWORKS = List.of("netty", "jetty", "webflux", "arrow");
  private static final int ROUNDS = 20;
  private static final int PIPELINES = 1;
  private static final String BODY = "x".repeat(100_000);
  private static final long MOST_BYTES = 12 << 20;
  private static final long SUM_OF_A_MILLION = 999_999L * 500_000;

  @Test
  void eachHasItsLineAndNoneStarvesTheOthers() throws Exception {
    AllOnOneBudget all = new AllOnOneBudget();
    try (all) {
      load(all);
      await().untilAsserted(() -> assertNothingLive(all));
      System.out.print(all.manager.dump());
      ManagerStats stats = all.manager.stats();
      PoolStats pool = stats.pools().getFirst();
      for (String framework : FRAMEWORKS) {
        assertThat(pool.labels())
            .filteredOn(label -> label.name().equals(framework))
            .singleElement()
            .satisfies(label -> assertThat(label.allocations()).isGreaterThan(ROUNDS));
        assertThat(stats.quotas())
            .filteredOn(quota -> quota.path().equals(framework))
            .singleElement()
            .satisfies(quota -> assertThat(quota.peakBytes()).isPositive());
      }
      assertThat(stats.budgetUsedBytes()).isLessThanOrEqualTo(stats.budgetBytes());

      for (String greedy : FRAMEWORKS) {
        List<MemoryBlock> taken = takeAll(all.poolFor(greedy));
        assertThat(all.manager.quota(greedy).usedBytes()).isEqualTo(MOST_BYTES);
        loadBut(greedy, all);
        taken.forEach(MemoryBlock::close);
      }
      assertThat(all.buffers.heapBuffers()).isZero();
      await().untilAsserted(() -> assertNothingLive(all));
    }
    assertThat(all.manager.pool("buffers").isClosed()).isTrue();
  }

  private static void assertNothingLive(AllOnOneBudget all) {
    assertThat(all.manager.stats().pools().getFirst().used()).isZero();
    all.manager.verify().forEach(VerifyReport::orThrow);
  }

  /** As much as its quota lets one have. */
  private static List<MemoryBlock> takeAll(MemoryPool pool) {
    List<MemoryBlock> taken = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(4096); block != null; ) {
      taken.add(block);
      block = pool.tryAllocate(4096);
    }
    return taken;
  }

  private static void load(AllOnOneBudget all) throws Exception {
    loadBut("none", all);
  }

  private static void loadBut(String greedy, AllOnOneBudget all) throws Exception {
    List<Future<?>> work = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Map.Entry<String, String> server : all.echoes().entrySet()) {
        if (!server.getKey().equals(greedy)) {
          work.add(
              threads.submit(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                  assertThat(echo(client, server.getValue(), i + BODY)).isEqualTo(i + BODY);
                }
                return true;
              }));
        }
      }
      if (!greedy.equals("arrow")) {
        work.add(
            threads.submit(() -> {
              for (int i = 0; i < PIPELINES; i++) {
                assertThat(ArrowPipeline.sum(all.arrow, ArrowPipeline.write(all.arrow)))
                    .isEqualTo(SUM_OF_A_MILLION);
              }
              return true;
            }));
      }
      for (Future<?> each : work) {
        each.get();
      }
    }
  }

  private static String echo(HttpClient client, String uri, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
