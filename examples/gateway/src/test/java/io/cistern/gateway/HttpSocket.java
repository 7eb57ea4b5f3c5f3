package io.cistern.gateway;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Java's own WebSocket client with what it receives in a queue. */
final class HttpSocket implements WebSocket.Listener, AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final WebSocket socket;

  HttpSocket(URI uri) {
    socket = http.newWebSocketBuilder().buildAsync(uri, this).join();
  }

  void send(byte[] payload) {
    socket.sendBinary(ByteBuffer.wrap(payload), true).join();
  }

  void send(String payload) {
    socket.sendText(payload, true).join();
  }

  /** The next message: a byte array or a string. */
  Object receive() throws InterruptedException {
    Object message = received.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing received within 10 s");
    }
    return message;
  }

  int closeCode() throws Exception {
    return closeCode.get(10, TimeUnit.SECONDS);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      received.add(text.toString());
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    bytes.writeBytes(
        StandardCharsets.ISO_8859_1.decode(data).toString().getBytes(StandardCharsets.ISO_8859_1));
    if (last) {
      received.add(bytes.toByteArray());
      bytes.reset();
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closeCode.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
