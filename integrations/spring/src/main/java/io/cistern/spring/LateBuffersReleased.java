package io.cistern.spring;

import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * A request whose body releases the buffers that nobody takes any more.
 *
 * <p>Spring's servlet adapter looks at the demand when it reads, not at whether its subscriber has
 * cancelled meanwhile, as happens when a body is larger than a codec may keep: it reads on to the
 * end of what the server has, and Reactor drops those buffers. On the heap nobody notices; blocks
 * would stay live for ever.
 */
final class LateBuffersReleased extends ServerHttpRequestDecorator {
  LateBuffersReleased(ServerHttpRequest request) {
    super(request);
  }

  /** Whether a response's buffers are ours, and so the request's. */
  static boolean isNeeded(ServerHttpResponse response) {
    return response.bufferFactory() instanceof CisternDataBufferFactory;
  }

  @Override
  public Flux<DataBuffer> getBody() {
    return Flux.from(
        Operators.<DataBuffer, DataBuffer>lift((publisher, subscriber) -> new Taker(subscriber))
            .apply(super.getBody()));
  }

  /** Passes everything on until the subscriber has had enough. */
  private static final class Taker implements CoreSubscriber<DataBuffer>, Subscription {
    private final CoreSubscriber<? super DataBuffer> subscriber;
    private volatile boolean done;
    private Subscription upstream = Operators.emptySubscription();

    Taker(CoreSubscriber<? super DataBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public Context currentContext() {
      return subscriber.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      upstream = subscription;
      subscriber.onSubscribe(this);
    }

    @Override
    public void onNext(DataBuffer buffer) {
      if (done) {
        DataBufferUtils.release(buffer);
      } else {
        subscriber.onNext(buffer);
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (!done) {
        done = true;
        subscriber.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (!done) {
        done = true;
        subscriber.onComplete();
      }
    }

    @Override
    public void request(long count) {
      upstream.request(count);
    }

    @Override
    public void cancel() {
      done = true;
      upstream.cancel();
    }
  }
}
