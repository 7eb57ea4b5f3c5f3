package io.cistern.dashboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.jspecify.annotations.Nullable;

/**
 * One client's WebSocket, through Jetty: puts fragments together, answers pings, and cuts off who
 * does not take a message within {@value #SEND_MILLIS} ms. The next frame is read only when this
 * one was dealt with, so a client cannot run ahead of its answers.
 */
final class WebSocketLink implements FrameHandler, Link {
  static final long SEND_MILLIS = 10_000;
  private static final long MOST_SKIPPED = 16 << 20;

  private final Client client;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private boolean isText;

  /** A goodbye was said: what still comes is read, and nothing is made of it. */
  private volatile boolean isClosing;

  /** Bytes that came after that. */
  private long skipped;

  private volatile @Nullable CoreSession session;

  WebSocketLink(Client client) {
    this.client = client;
  }

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    callback.succeeded();
    client.opened(this);
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    byte opCode = frame.getOpCode();
    switch (opCode) {
      case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> data(frame, callback);
      case OpCode.PING -> pong(frame, callback);
      case OpCode.CLOSE -> callback.succeeded();
      default -> {
        callback.succeeded();
        demand();
      }
    }
  }

  private void data(Frame frame, Callback callback) {
    if (frame.getOpCode() != OpCode.CONTINUATION) {
      isText = frame.getOpCode() == OpCode.TEXT;
      message.reset();
    }
    if (isClosing || message.size() + frame.getPayloadLength() > Client.MOST_MESSAGE_BYTES) {
      callback.succeeded();
      skip(frame.getPayloadLength());
      return;
    }
    if (frame.hasPayload()) {
      byte[] part = new byte[frame.getPayloadLength()];
      frame.getPayload().duplicate().get(part);
      message.writeBytes(part);
    }
    callback.succeeded();
    if (frame.isFin()) {
      client.received(isText ? text() : null);
    } else {
      demand();
    }
  }

  /**
   * A message is too large: says so, and reads on without keeping anything, since ending the
   * connection with unread input would reset it, which can cost the client the close code.
   */
  private void skip(int bytes) {
    if (!isClosing) {
      isClosing = true;
      goodbye(
          CloseStatus.MESSAGE_TOO_LARGE,
          "messages of up to %d B are read".formatted(Client.MOST_MESSAGE_BYTES));
    }
    skipped += bytes;
    CoreSession open = session;
    if (skipped <= MOST_SKIPPED) {
      demand();
    } else if (open != null) {
      open.abort();
    }
  }

  private void goodbye(int code, String reason) {
    if (session instanceof WebSocketCoreSession core) {
      Frame frame = new CloseStatus(code, reason).toFrame();
      core.getConnection()
          .enqueueFrame(
              new OutgoingEntry.Builder(frame, Callback.NOOP).frameTimeout(SEND_MILLIS).build());
    }
  }

  /** Null when it is not UTF-8. */
  private @Nullable String text() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(message.toByteArray()))
          .toString();
    } catch (CharacterCodingException malformed) {
      return null;
    } finally {
      message.reset();
    }
  }

  /** The next frame is read when the answer has left: so pings cannot pile up answers. */
  private void pong(Frame ping, Callback callback) {
    ByteBuffer payload = ByteBuffer.allocate(ping.getPayloadLength());
    if (ping.hasPayload()) {
      payload.put(ping.getPayload().duplicate()).flip();
    }
    callback.succeeded();
    send(new Frame(OpCode.PONG, payload), this::demand);
  }

  @Override
  public void send(boolean text, ByteBuffer payload, Runnable sent) {
    if (!isClosing) {
      send(new Frame(text ? OpCode.TEXT : OpCode.BINARY, payload), sent);
    }
  }

  private void send(Frame frame, Runnable sent) {
    CoreSession open = session;
    if (open != null) {
      Callback callback = Callback.from(sent, failure -> gone(open));
      open.sendFrame(new OutgoingEntry.Builder(frame, callback).frameTimeout(SEND_MILLIS).build());
    }
  }

  private void gone(CoreSession open) {
    client.closed();
    open.abort();
  }

  @Override
  public void demand() {
    CoreSession open = session;
    if (open != null && open.isInputOpen()) {
      open.demand();
    }
  }

  @Override
  public void close(int code, String reason) {
    CoreSession open = session;
    isClosing = true;
    if (open != null) {
      open.close(code, reason, Callback.NOOP);
    }
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    client.closed();
    callback.succeeded();
  }
}
