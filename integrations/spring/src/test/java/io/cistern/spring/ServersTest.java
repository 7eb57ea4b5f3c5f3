package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.netty.CisternByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * WebFlux under load, with clients that check every byte and clients that leave in the middle: on
 * Tomcat with data buffers from a pool, and on Reactor Netty with an allocator over one. In the end
 * no block is live, once the collector has found the buffers that Spring forgot. Time budget: 15
 * seconds.
 *
 * <p>Longer: {@code -Dsoak.seconds=600 -Djunit.jupiter.execution.timeout.mode=disabled}.
 */
@Timeout(120)
class ServersTest {
  private static final Duration LASTING = Duration.ofSeconds(Long.getLong("soak.seconds", 2));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CHECKING = 4;
  private static final int LEAVING = 4;
  private static final int LARGEST = 100_000;

  /**
   * Tomcat tells of every client that left, with a stack. Kept here, or its level would be lost.
   */
  private static final Logger CONTAINER =
      Logger.getLogger("org.apache.catalina.core.ContainerBase");

  private final LongAdder checked = new LongAdder();
  private final LongAdder left = new LongAdder();

  @ParameterizedTest
  @ValueSource(classes = {WebFluxTest.OnTomcat.class, OnReactorNettyWithAPool.class})
  void serveManyAndKeepNothing(Class<?> server) throws Exception {
    long seed = new Random().nextLong();
    System.out.println(server.getSimpleName() + ", seed " + seed);
    try (ConfigurableApplicationContext context = start(server)) {
      CONTAINER.setLevel(Level.OFF); // after Spring Boot, which resets all levels
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      load(port(context), new Random(seed));
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            System.gc(); // Spring's servlet adapter forgets buffers when a client goes away
            assertThat(pool.stats().used()).isZero();
          });
      pool.verify().orThrow();
      System.out.printf(
          "%,d answers checked, %,d clients left; %s, %,d allocations, %,d buffers forgotten%n",
          checked.sum(),
          left.sum(),
          pool,
          pool.stats().allocations(),
          context.getBean(CisternDataBufferFactory.class).lostBuffers());
      assertThat(pool.stats().allocations()).isGreaterThan(checked.sum());
      assertThat(pool.stats().violations()).isZero();
    }
  }

  private static ConfigurableApplicationContext start(Class<?> server) {
    SpringApplication application = new SpringApplication(WebFluxTest.Routes.class, server);
    application.setWebApplicationType(WebApplicationType.REACTIVE);
    application.setDefaultProperties(
        Map.of(
            "server.port", "0",
            "spring.main.banner-mode", "off",
            "cistern.budget", "64 MiB",
            "cistern.webflux.pool", "main"));
    return application.run();
  }

  private static int port(ConfigurableApplicationContext context) {
    return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
  }

  private void load(int port, Random seeds) throws Exception {
    long end = System.nanoTime() + LASTING.toNanos();
    List<Future<?>> all = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newFixedThreadPool(CHECKING + LEAVING)) {
      for (int i = 0; i < CHECKING; i++) {
        Random random = new Random(seeds.nextLong());
        all.add(
            threads.submit(() -> {
              while (System.nanoTime() < end) {
                exchange(client, port, random);
              }
              return true;
            }));
      }
      for (int i = 0; i < LEAVING; i++) {
        Random random = new Random(seeds.nextLong());
        all.add(
            threads.submit(() -> {
              while (System.nanoTime() < end) {
                leave(port, random);
              }
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private void exchange(HttpClient client, int port, Random random)
      throws IOException, InterruptedException {
    String path = random.nextBoolean() ? "/buffers" : "/text";
    String body = Character.toString('a' + random.nextInt(26)).repeat(random.nextInt(1, LARGEST));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(body);
    checked.increment();
  }

  /** Sends a part of a body, reads a part of the answer or none, and goes; or resets. */
  private void leave(int port, Random random) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoLinger(random.nextBoolean(), 0);
      socket.setSoTimeout(20);
      OutputStream out = socket.getOutputStream();
      String path = random.nextBoolean() ? "/buffers" : "/text";
      out.write(
          "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(path, LARGEST)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(new byte[random.nextInt(LARGEST)]);
      if (random.nextBoolean()) {
        socket.getInputStream().readNBytes(random.nextInt(LARGEST));
      }
    } catch (IOException gone) {
      // the server was faster, or has nothing to say yet
    }
    left.increment();
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(NettyReactiveWebServerAutoConfiguration.class)
  static class OnReactorNettyWithAPool {
    @Bean
    NettyServerCustomizer pool(PoolManager pools) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pools.pool("main"));
      return server -> server.childOption(ChannelOption.ALLOCATOR, allocator);
    }
  }
}
