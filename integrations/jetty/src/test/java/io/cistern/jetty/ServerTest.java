package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A Jetty server under load: HTTP/1.1, HTTP/2 and WebSocket at once, clients that check every byte
 * and clients that leave in the middle; in the end no block is live, and all that the pool refused
 * are mistakes of Jetty's (see {@link Witness}). Time budget: 25 seconds.
 *
 * <p>Longer: {@code -Dsoak.seconds=600 -Djunit.jupiter.execution.timeout.mode=disabled}.
 */
@Timeout(120)
class ServerTest {
  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final int ROUNDS = 100;
  private static final long SOAK_NANOS =
      Duration.ofSeconds(Long.getLong("soak.seconds", 0)).toNanos();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void servesManyAndKeepsNothing(boolean direct) throws Exception {
    try (CisternByteBufferPool buffers = new CisternByteBufferPool()) {
      Witness witness = new Witness(buffers);
      try (TestServer server = new TestServer(witness, direct)) {
        long start = System.nanoTime();
        do {
          load(server, ROUNDS);
        } while (System.nanoTime() - start < SOAK_NANOS);
      }
      Pools.awaitIdle(buffers);
      System.out.println((direct ? "direct: " : "heap: ") + witness);
      assertThat(witness.live()).isZero();
      assertOnlyJettysMistakesAreRefused(buffers, witness);
      assertThat(buffers.pools().getFirst().stats().allocations() > 0).isEqualTo(direct);
      assertThat(direct || buffers.getHeapByteBufferCount() > 0).isTrue();
    }
  }

  /** Those of the race that {@link IdleRaceTest} tells of, which no other protocol has. */
  private static void assertOnlyJettysMistakesAreRefused(
      CisternByteBufferPool buffers, Witness witness) {
    assertThat(witness.refused()).isEqualTo(witness.mistakes());
    assertThat(buffers.getRefusedCount()).isEqualTo(witness.mistakes());
    assertThat(witness.tooMany().keySet()).allMatch(callers -> callers.contains("HttpConnection"));
  }

  /** Every block poisoned when it is freed, and looked at when it is handed out again. */
  @Test
  void nothingIsWrittenAfterItsRelease() throws Exception {
    try (MemoryPool pool =
        MemoryPool.builder()
            .tier(4096, 128)
            .tier(8192, 128)
            .tier(65_536, 64)
            .fallback(16 << 20)
            .checks(CheckLevel.CHECKED)
            .build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      try (TestServer server = new TestServer(buffers, true)) {
        load(server, ROUNDS / 4);
      }
      Pools.awaitIdle(buffers);
      assertThat(pool.stats().checks().damages()).isZero();
      assertThat(pool.stats().checks().lost()).isZero();
      assertThat(pool.stats().violations()).isZero();
    }
  }

  private static void load(TestServer server, int rounds) throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random seeds = new Random(seed);
    Clients clients = new Clients(server.port);
    List<Future<?>> all = new ArrayList<>();
    try (HttpClient one = Clients.client(Version.HTTP_1_1);
        HttpClient two = Clients.client(Version.HTTP_2);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (HttpClient client : List.of(one, two)) {
        clients.get(client, 1);
        for (int i = 0; i < 2; i++) {
          Random random = new Random(seeds.nextLong());
          all.add(threads.submit(task(() -> clients.exchange(client, random, rounds))));
        }
      }
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seeds.nextLong());
        all.add(threads.submit(task(() -> clients.webSocket(one, random, rounds * 2))));
        Random leaving = new Random(seeds.nextLong());
        all.add(threads.submit(task(() -> leaveOften(clients, leaving, rounds * 2))));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static Callable<Boolean> task(Work work) {
    return () -> {
      work.run();
      return true;
    };
  }

  private static void leaveOften(Clients clients, Random random, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      try {
        clients.leave(random);
      } catch (IOException reset) {
        // the server was faster
      }
    }
  }

  /**
   * Without a free block a request fails, and the server serves the next. Jetty closes the
   * connection in HTTP/1.1; in HTTP/2 it reads it no more, and the client waits in vain.
   */
  @ParameterizedTest
  @EnumSource(Version.class)
  void outlivesAnExhaustedPool(Version version) throws Exception {
    try (MemoryPool pool = Pools.small()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      try (TestServer server = new TestServer(buffers, true)) {
        Clients clients = new Clients(server.port);
        HttpClient unlucky = Clients.client(version);
        assertThat(clients.get(unlucky, 100)).isEqualTo(TestServer.page(100));
        List<RetainableByteBuffer> taken = takeAll(buffers);
        assertThatThrownBy(() -> clients.get(unlucky, 100, SHORT)).isInstanceOf(IOException.class);
        unlucky.shutdownNow();
        assertThat(buffers.getExhaustedCount()).isPositive();
        taken.forEach(RetainableByteBuffer::release);
        try (HttpClient next = Clients.client(version)) {
          assertThat(clients.get(next, 100_000)).isEqualTo(TestServer.page(100_000));
        }
      }
      Pools.awaitIdle(buffers);
    }
  }

  private static List<RetainableByteBuffer> takeAll(CisternByteBufferPool buffers) {
    List<RetainableByteBuffer> taken = new ArrayList<>();
    for (int size : new int[] {4096, 8192, 16_384, 65_536}) {
      try {
        while (true) {
          taken.add(buffers.acquire(size, true));
        }
      } catch (OutOfMemoryError exhausted) {
        // all of that size, and what they spill to
      }
    }
    return taken;
  }
}
