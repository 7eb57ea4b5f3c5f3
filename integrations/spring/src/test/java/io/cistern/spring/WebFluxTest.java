package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Real servers whose buffers are blocks. */
class WebFluxTest {
  private static final int BODY = 200_000;

  private final HttpClient client = HttpClient.newHttpClient();

  @ParameterizedTest
  @ValueSource(classes = {OnTomcat.class, OnJetty.class})
  void bodiesGoThroughBlocks(Class<?> server) throws Exception {
    try (ConfigurableApplicationContext context = start(server, "cistern.pools.main.labels=on")) {
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      String body = "x".repeat(BODY);
      for (String path : List.of("/buffers", "/text")) {
        HttpResponse<String> answer = post(context, path, body);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(body);
      }
      assertThat(pool.stats().labels())
          .filteredOn(label -> label.name().equals("webflux"))
          .singleElement()
          .satisfies(label -> assertThat(label.allocations()).isGreaterThan(BODY / 4096));
      assertNothingLive(pool);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {OnTomcat.class, OnJetty.class})
  void exhaustedPoolServesFromTheHeap(Class<?> server) throws Exception {
    try (ConfigurableApplicationContext context = start(server)) {
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      List<MemoryBlock> all = IntStream.range(0, 64).mapToObj(i -> pool.allocate(8192)).toList();
      assertThat(post(context, "/text", "hello").body()).isEqualTo("hello");
      assertThat(context.getBean(CisternDataBufferFactory.class).heapBuffers()).isPositive();
      assertThat(post(context, "/allocates", "hello").statusCode()).isEqualTo(503);
      assertThat(pool.stats().failed()).isPositive();
      all.forEach(MemoryBlock::close);
      assertThat(post(context, "/text", "hello").body()).isEqualTo("hello");
      assertNothingLive(pool);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {OnTomcat.class, OnJetty.class})
  void failingHandlersLeaveNothingLive(Class<?> server) throws Exception {
    try (ConfigurableApplicationContext context = start(server)) {
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      for (int i = 0; i < 100; i++) {
        assertThat(post(context, "/fails", "y".repeat(20_000)).statusCode()).isEqualTo(500);
      }
      assertNothingLive(pool);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {OnTomcat.class, OnJetty.class})
  void bodiesBeyondTheLimitLeaveNothingLive(Class<?> server) throws Exception {
    try (ConfigurableApplicationContext context = start(server)) {
      assertThat(post(context, "/text", "z".repeat(300_000)).statusCode()).isBetween(400, 599);
      assertNothingLive(context.getBean(PoolManager.class).pool("main"));
    }
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void reactorNettySaysThatItHasItsOwn(CapturedOutput output) throws Exception {
    try (ConfigurableApplicationContext context = start(OnReactorNetty.class)) {
      assertThat(post(context, "/text", "hello").body()).isEqualTo("hello");
      assertThat(context.getBean(PoolManager.class).pool("main").stats().allocations()).isZero();
    }
    assertThat(output).contains("cistern.webflux.pool has no effect on Reactor Netty");
  }

  private static ConfigurableApplicationContext start(Class<?> server, String... properties) {
    SpringApplication application = new SpringApplication(Routes.class, server);
    application.setWebApplicationType(WebApplicationType.REACTIVE);
    application.setDefaultProperties(
        Map.of(
            "server.port", "0",
            "spring.main.banner-mode", "off",
            "cistern.budget", "1 MiB",
            "cistern.pools.main.tiers[0].size", "8 KiB",
            "cistern.pools.main.tiers[0].count", "64",
            "cistern.webflux.pool", "main"));
    String[] arguments = List.of(properties).stream().map("--"::concat).toArray(String[]::new);
    return application.run(arguments);
  }

  private HttpResponse<String> post(
      ConfigurableApplicationContext context, String path, String body) {
    int port =
        Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** The last buffer is released after the last byte was sent. */
  private static void assertNothingLive(MemoryPool pool) {
    await().untilAsserted(() -> assertThat(pool.stats().used()).isZero());
    assertThat(pool.verify().ok()).isTrue();
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    CisternAutoConfiguration.class,
    CisternWebFluxAutoConfiguration.class,
    WebFluxAutoConfiguration.class,
    HttpHandlerAutoConfiguration.class,
    CodecsAutoConfiguration.class
  })
  static class Routes {
    @Bean
    RouterFunction<ServerResponse> routes(CisternDataBufferFactory factory) {
      return RouterFunctions.route(
              RequestPredicates.POST("/buffers"),
              request ->
                  ServerResponse.ok().body(request.bodyToFlux(DataBuffer.class), DataBuffer.class))
          .andRoute(
              RequestPredicates.POST("/text"),
              request ->
                  request
                      .bodyToMono(String.class)
                      .flatMap(text -> ServerResponse.ok().bodyValue(text)))
          .andRoute(
              RequestPredicates.POST("/allocates"),
              request ->
                  Mono.fromRunnable(() -> factory.pool().allocate(100).close())
                      .then(ServerResponse.ok().build()))
          .andRoute(
              RequestPredicates.POST("/fails"),
              request ->
                  request
                      .bodyToFlux(String.class)
                      .concatWith(Flux.error(new IllegalStateException("as it should")))
                      .then(Mono.empty()));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(TomcatReactiveWebServerAutoConfiguration.class)
  static class OnTomcat {}

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(JettyReactiveWebServerAutoConfiguration.class)
  static class OnJetty {}

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(NettyReactiveWebServerAutoConfiguration.class)
  static class OnReactorNetty {}
}
