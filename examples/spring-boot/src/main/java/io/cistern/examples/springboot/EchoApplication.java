package io.cistern.examples.springboot;

import io.cistern.PoolManager;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Sends back what it is sent. Bodies are read into blocks of a pool and written out of them; the
 * code below has nothing to do with that, and the two lines that switch it on are in {@code
 * application.properties}.
 *
 * <pre>
 * curl -d hello localhost:8080/echo
 * curl localhost:8080/pools
 * curl localhost:8080/actuator/health
 * curl localhost:8080/actuator/metrics/cistern.pool.used
 * </pre>
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class EchoApplication {
  /** For Spring. */
  public EchoApplication() {}

  /**
   * Runs until it is ended.
   *
   * @param arguments of Spring Boot, such as {@code --server.port=8080}
   */
  public static void main(String[] arguments) {
    SpringApplication.run(EchoApplication.class, arguments);
  }

  @Bean
  RouterFunction<ServerResponse> routes(PoolManager pools) {
    return RouterFunctions.route()
        .POST(
            "/echo",
            request ->
                ServerResponse.ok().body(request.bodyToFlux(DataBuffer.class), DataBuffer.class))
        .GET("/pools", request -> ServerResponse.ok().bodyValue(pools.dump()))
        .build();
  }
}
