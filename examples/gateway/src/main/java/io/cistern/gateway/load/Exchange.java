package io.cistern.gateway.load;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, and the book of what it has sent: every answer is either the exact
 * echo of a frame in the book or {@code busy}. A {@code busy} does not say whose it is, so the book
 * closes when the number of answers is that of frames.
 *
 * <p>Sent by one thread; answers come on threads of the HTTP client. The book is guarded by the
 * monitor.
 */
final class Exchange implements WebSocket.Listener {
  static final int NOT_CLOSED = -1;
  private static final long ANSWER_SECONDS = 10;
  private static final byte[] BUSY = "busy".getBytes(StandardCharsets.US_ASCII);

  private final Tally tally;
  private final Map<Long, Payload> book = new HashMap<>();
  private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();
  private @Nullable WebSocket socket;
  private int unanswered;
  private int pongs;
  private int closeCode = NOT_CLOSED;
  private boolean failed;
  private boolean stalled;
  private long owed;

  private Exchange(Tally tally) {
    this.tally = tally;
  }

  static Exchange open(HttpClient http, URI uri, Tally tally) throws ExchangeFailedException {
    Exchange exchange = new Exchange(tally);
    await(http.newWebSocketBuilder().buildAsync(uri, exchange));
    return exchange;
  }

  /** Sends a whole frame; gives what completes when it is on its way. */
  CompletableFuture<WebSocket> start(Payload payload) {
    enter(payload);
    return piece(payload, payload.bytes(), true);
  }

  void send(Payload payload) throws ExchangeFailedException {
    await(start(payload));
  }

  /** Sends a frame in fragments of this many bytes. */
  void sendFragments(Payload payload, int fragment) throws ExchangeFailedException {
    enter(payload);
    byte[] bytes = payload.bytes();
    for (int at = 0; at < bytes.length; at += fragment) {
      int end = Math.min(bytes.length, at + fragment);
      await(piece(payload, Arrays.copyOfRange(bytes, at, end), end == bytes.length));
    }
  }

  /** Sends bytes that get no echo: too many of them, or only the first part of a frame. */
  void sendUnanswered(Payload payload, boolean whole) throws ExchangeFailedException {
    await(piece(payload, payload.bytes(), whole));
  }

  private CompletableFuture<WebSocket> piece(Payload payload, byte[] bytes, boolean last) {
    return payload.text()
        ? socket().sendText(new String(bytes, StandardCharsets.US_ASCII), last)
        : socket().sendBinary(ByteBuffer.wrap(bytes), last);
  }

  /** Waits until at most so many frames have no answer yet. */
  void awaitUnanswered(int atMost) throws ExchangeFailedException {
    awaitState(() -> unanswered <= atMost, "answers");
  }

  /** Sends a ping and waits for its pong: all that was sent before has been read by then. */
  void roundTrip() throws ExchangeFailedException {
    int before;
    synchronized (this) {
      before = pongs;
    }
    await(socket().sendPing(ByteBuffer.allocate(0)));
    awaitState(() -> pongs > before, "a pong");
  }

  /** Waits for the gateway to close; its code. */
  synchronized int awaitClose() {
    try {
      awaitState(() -> closeCode != NOT_CLOSED, "the close frame");
    } catch (ExchangeFailedException broken) {
      return NOT_CLOSED;
    }
    return closeCode;
  }

  void close() throws ExchangeFailedException {
    await(socket().sendClose(WebSocket.NORMAL_CLOSURE, ""));
    awaitClose();
  }

  void abort() {
    socket().abort();
  }

  /** Stops reading, so that the gateway's writes back up. */
  synchronized void stall() {
    stalled = true;
  }

  void resume() {
    long due;
    synchronized (this) {
      stalled = false;
      due = owed;
      owed = 0;
    }
    if (due > 0) {
      socket().request(due);
    }
  }

  private synchronized void enter(Payload payload) {
    book.put(payload.id(), payload);
    unanswered++;
    tally.framesSent.increment();
  }

  private synchronized WebSocket socket() {
    if (socket == null) {
      throw new IllegalStateException("the connection is not open yet");
    }
    return socket;
  }

  private synchronized void awaitState(BooleanSupplier reached, String what)
      throws ExchangeFailedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    while (!reached.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (failed || closeCode != NOT_CLOSED || left <= 0) {
        throw new ExchangeFailedException("waited for " + what + " in vain");
      }
      try {
        wait(left);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new ExchangeFailedException("interrupted while waiting for " + what);
      }
    }
  }

  static void await(CompletableFuture<WebSocket> sent) throws ExchangeFailedException {
    try {
      sent.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException broken) {
      throw new ExchangeFailedException("the connection broke: " + broken.getCause());
    }
  }

  /** Whether a frame is on its way within a time. */
  static boolean isOnItsWayWithin(CompletableFuture<WebSocket> sent, long millis)
      throws ExchangeFailedException {
    try {
      sent.copy().orTimeout(millis, TimeUnit.MILLISECONDS).join();
      return true;
    } catch (CompletionException slow) {
      if (slow.getCause() instanceof TimeoutException) {
        return false;
      }
      throw new ExchangeFailedException("the connection broke: " + slow.getCause());
    }
  }

  @Override
  public synchronized void onOpen(WebSocket opened) {
    socket = opened;
    opened.request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    return onPiece(from, data.toString().getBytes(StandardCharsets.ISO_8859_1), last, true);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] piece = new byte[data.remaining()];
    data.get(piece);
    return onPiece(from, piece, last, false);
  }

  private @Nullable CompletionStage<?> onPiece(
      WebSocket from, byte[] piece, boolean last, boolean text) {
    pieces.writeBytes(piece);
    if (last) {
      onAnswer(pieces.toByteArray(), text);
      pieces.reset();
    }
    return more(from);
  }

  private synchronized void onAnswer(byte[] answer, boolean text) {
    if (text && Arrays.equals(answer, BUSY)) {
      tally.busyAnswers.increment();
    } else {
      Payload sent = book.remove(Payload.idOf(answer));
      boolean right = sent != null && sent.text() == text && sent.matches(answer);
      (right ? tally.echoesVerified : tally.echoMismatches).increment();
    }
    if (unanswered > 0 && --unanswered == 0) {
      book.clear();
    }
    notifyAll();
  }

  private @Nullable CompletionStage<?> more(WebSocket from) {
    synchronized (this) {
      if (stalled) {
        owed++;
        return null;
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer data) {
    synchronized (this) {
      pongs++;
      notifyAll();
    }
    return more(from);
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onClose(
      WebSocket from, int code, String reason) {
    closeCode = code;
    notifyAll();
    return null;
  }

  @Override
  public synchronized void onError(WebSocket from, Throwable error) {
    failed = true;
    notifyAll();
  }
}
