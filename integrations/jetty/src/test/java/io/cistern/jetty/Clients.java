package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Clients of a {@link TestServer}: some check what they get, some leave in the middle. */
final class Clients {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LARGEST = 200_000;
  private static final int PATIENCE_MILLIS = 20;

  private final int port;

  Clients(int port) {
    this.port = port;
  }

  private URI uri(String scheme, String path) {
    return URI.create("%s://127.0.0.1:%d/%s".formatted(scheme, port, path));
  }

  static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).connectTimeout(PATIENCE).build();
  }

  /** Posts and gets, and checks every byte. */
  void exchange(HttpClient client, Random random, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      byte[] sent = new byte[random.nextInt(LARGEST)];
      random.nextBytes(sent);
      HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofByteArray(sent);
      assertThat(body(client, HttpRequest.newBuilder(uri("http", "")).timeout(PATIENCE).POST(body)))
          .isEqualTo(sent);
      int length = random.nextInt(LARGEST);
      assertThat(get(client, length)).isEqualTo(TestServer.page(length));
    }
  }

  byte[] get(HttpClient client, int length) throws Exception {
    return get(client, length, PATIENCE);
  }

  byte[] get(HttpClient client, int length, Duration patience) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri("http", Integer.toString(length)));
    return body(client, request.timeout(patience));
  }

  private static byte[] body(HttpClient client, HttpRequest.Builder request) throws Exception {
    HttpResponse<byte[]> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.version()).isEqualTo(client.version());
    return response.body();
  }

  /** Sends frames and waits for each to come back. */
  void webSocket(HttpClient client, Random random, int frames) throws Exception {
    Echoes echoes = new Echoes();
    WebSocket socket =
        client.newWebSocketBuilder().buildAsync(uri("ws", "ws"), echoes).get(30, TimeUnit.SECONDS);
    for (int i = 0; i < frames; i++) {
      byte[] sent = new byte[random.nextInt(60_000)];
      random.nextBytes(sent);
      socket.sendBinary(ByteBuffer.wrap(sent), true).get(30, TimeUnit.SECONDS);
      assertThat(echoes.messages.poll(30, TimeUnit.SECONDS)).isEqualTo(sent);
    }
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(30, TimeUnit.SECONDS);
  }

  private static final class Echoes implements WebSocket.Listener {
    final BlockingQueue<byte[]> messages = new ArrayBlockingQueue<>(10);
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] piece = new byte[data.remaining()];
      data.get(piece);
      gathered.writeBytes(piece);
      if (last) {
        messages.add(gathered.toByteArray());
        gathered.reset();
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Leaves in the middle of a request or of its answer; resets the connection now and then. */
  void leave(Random random) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoLinger(random.nextBoolean(), 0);
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      switch (random.nextInt(4)) {
        case 0 -> out.write(text("GET /%d HTTP/1.1\r\nHost: x\r\n\r\n".formatted(10_000_000)));
        case 1 -> {
          out.write(text("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"));
          out.write(new byte[random.nextInt(90_000)]);
        }
        case 2 -> out.write(text("GET /10 HT"));
        default -> halfAFrame(out, random);
      }
      out.flush();
      if (random.nextBoolean()) {
        socket.getInputStream().readNBytes(1);
      }
    }
  }

  private static void halfAFrame(OutputStream out, Random random) throws IOException {
    out.write(
        text(
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
    byte[] frame = new byte[8 + 30_000];
    frame[0] = (byte) 0x82; // final, binary
    frame[1] = (byte) (0x80 | 126); // masked, a length of 16 bits
    frame[2] = (byte) (30_000 >>> 8);
    frame[3] = (byte) 30_000;
    out.write(Arrays.copyOf(frame, 8 + random.nextInt(29_000)));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
