package io.cistern.spring;

import io.cistern.PoolExhaustedException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/**
 * Answers a request for which a pool had no block left with 503 and no body, for which a block
 * might be needed. That is not the fault of the server's code (500), and another instance, or a
 * later try, may well succeed. What has begun to be sent can only be broken off.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class PoolExhaustedHandler implements WebExceptionHandler {
  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
    ServerHttpResponse response = exchange.getResponse();
    if (!isExhaustion(failure) || !response.setStatusCode(HttpStatus.SERVICE_UNAVAILABLE)) {
      return Mono.error(failure);
    }
    response.getHeaders().setContentLength(0);
    return response.setComplete();
  }

  private static boolean isExhaustion(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PoolExhaustedException) {
        return true;
      }
    }
    return false;
  }
}
