package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client of the WebSocket API, by the JDK's WebSocket. */
final class ApiClient implements AutoCloseable, WebSocket.Listener {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_SECONDS = 10;

  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final BlockingQueue<ByteBuffer> frames = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final java.io.ByteArrayOutputStream binary = new java.io.ByteArrayOutputStream();
  private final WebSocket socket;

  private ApiClient(Dashboard dashboard, Map<String, String> headers) {
    WebSocket.Builder builder = HTTP.newWebSocketBuilder();
    headers.forEach(builder::header);
    this.socket = builder.buildAsync(uri(dashboard), this).join();
  }

  static ApiClient of(Dashboard dashboard) {
    return of(dashboard, Map.of());
  }

  static ApiClient of(Dashboard dashboard, Map<String, String> headers) {
    return new ApiClient(dashboard, headers);
  }

  static URI uri(Dashboard dashboard) {
    return URI.create(dashboard.address().toString().replaceFirst("http", "ws") + "api");
  }

  ApiClient send(String message) {
    socket.sendText(message, true).join();
    return this;
  }

  /** For what the server may refuse while it is being sent. */
  void sendWithoutWaiting(String message) {
    socket.sendText(message, true).exceptionally(refused -> socket);
  }

  ApiClient sendPart(String part, boolean last) {
    socket.sendText(part, last).join();
    return this;
  }

  ApiClient sendBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    return this;
  }

  /** The next message of a type; those of other types before it are passed over. */
  JsonNode next(String type) {
    return next(message -> message.path("type").asString().equals(type));
  }

  JsonNode next(Predicate<JsonNode> wanted) {
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (true) {
        JsonNode message = messages.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(message).as("a message within %d s", PATIENCE_SECONDS).isNotNull();
        if (wanted.test(message)) {
          return message;
        }
      }
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  /** Asks, and waits for the answer. */
  JsonNode ask(String message) {
    send(message);
    return next(answer -> {
      String type = answer.path("type").asString();
      return type.equals("reply") || type.equals("error");
    });
  }

  ByteBuffer nextFrame() {
    try {
      ByteBuffer frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(frame).as("a frame within %d s", PATIENCE_SECONDS).isNotNull();
      return frame.order(ByteOrder.LITTLE_ENDIAN);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      messages.add(Json.MAPPER.readTree(text.toString()));
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] part = new byte[data.remaining()];
    data.get(part);
    binary.writeBytes(part);
    if (last) {
      frames.add(ByteBuffer.wrap(binary.toByteArray()));
      binary.reset();
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closed.completeExceptionally(failure);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
