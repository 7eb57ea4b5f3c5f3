package io.cistern.gateway;

import java.nio.ByteBuffer;
import java.util.function.Function;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.MessageTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * One client of {@link JettyServer}. Jetty calls {@code onFrame} for one frame at a time, and
 * {@code onClosed} from any thread.
 *
 * <p>A goodbye goes straight to Jetty's connection: closing through the session would end the TCP
 * connection with unread input, which resets it and can cost the client the close code.
 */
final class JettyWire implements FrameHandler, Wire {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final Connection connection;
  private final long frameTimeoutMillis;
  private volatile @Nullable CoreSession session;

  JettyWire(Function<Wire, Connection> connect, long frameTimeoutMillis) {
    this.connection = connect.apply(this);
    this.frameTimeoutMillis = frameTimeoutMillis;
  }

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    connection.onOpened();
    callback.succeeded();
    opened.demand();
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    ByteBuffer payload = frame.hasPayload() ? frame.getPayload() : EMPTY;
    switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION ->
          connection.onData(frame.getOpCode(), payload, frame.isFin(), callback::succeeded);
      case OpCode.PING -> connection.onPing(payload, callback::succeeded);
      case OpCode.CLOSE -> connection.onClosing(callback::succeeded);
      default -> connection.onOther(callback::succeeded);
    }
  }

  /** Jetty itself refuses a frame that announces more than 2 GiB. */
  @Override
  public void onError(Throwable cause, Callback callback) {
    if (cause instanceof MessageTooLargeException) {
      connection.onRefusedByServer();
    }
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    connection.onClosed();
    callback.succeeded();
  }

  @Override
  public void demand() {
    session().demand();
  }

  @Override
  public void send(byte opCode, ByteBuffer payload, Written written) {
    Callback callback = Callback.from(written::done, written::failed);
    session().sendFrame(entry(new Frame(opCode, payload), callback));
  }

  private OutgoingEntry entry(Frame frame, Callback callback) {
    return new OutgoingEntry.Builder(frame, callback).frameTimeout(frameTimeoutMillis).build();
  }

  @Override
  public void sendClose(int code, String reason) {
    if (session() instanceof WebSocketCoreSession core) {
      core.getConnection()
          .enqueueFrame(entry(new CloseStatus(code, reason).toFrame(), Callback.NOOP));
    }
  }

  @Override
  public void abort() {
    session().abort();
  }

  private CoreSession session() {
    CoreSession open = session;
    if (open == null) {
      throw new IllegalStateException("the connection is not open yet");
    }
    return open;
  }
}
