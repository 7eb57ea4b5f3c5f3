package io.cistern.gateway;

import io.cistern.config.Profile.Oversize;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
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
 * One client. Jetty hands in the pieces of a frame as they arrive; they are gathered in a block
 * ({@link Assembly}), and the complete frame goes to the worker as an {@link Echo}, which owns the
 * block from then on.
 *
 * <p><b>Flow.</b> Nothing is read before it is asked for. After a {@code busy} answer or a pong the
 * next piece is asked for when the answer has been written, so a client that sends without reading
 * is slowed down by itself, and what is under way for it is bounded: its blocks by the pool, its
 * answers by one.
 *
 * <p><b>Leaving.</b> To send a client away the close frame goes straight to Jetty's connection and
 * reading goes on, discarding, until the client has closed its side or two seconds have passed.
 * Closing through the session would end the TCP connection with unread input, which resets it and
 * can cost the client the close code.
 *
 * <p><b>Threads.</b> Jetty calls {@code onFrame} for one frame at a time, but {@code onClosed} and
 * the ends of echoes come from any thread: the state below is guarded by the monitor, calls to
 * Jetty are made outside it.
 */
final class Connection implements FrameHandler {
  private static final byte[] BUSY = {'b', 'u', 's', 'y'};
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Gateway gateway;
  private final Counters counters;
  private final Assembly assembly;
  private @Nullable CoreSession session;
  private boolean closed;
  private boolean leaving;
  private long leavingSinceNanos;
  private int echoing;
  private @Nullable Runnable whenDrained;

  Connection(Gateway gateway, Counters counters, FrameBlocks blocks) {
    this.gateway = gateway;
    this.counters = counters;
    this.assembly = new Assembly(blocks);
  }

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    synchronized (this) {
      session = opened;
    }
    gateway.opened(this);
    callback.succeeded();
    opened.demand();
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> onData(frame, callback);
      case OpCode.PING -> onPing(frame, callback);
      case OpCode.CLOSE -> onClose(callback);
      default -> askForMore(callback);
    }
  }

  private void onData(Frame frame, Callback callback) {
    ByteBuffer piece = frame.hasPayload() ? frame.getPayload() : EMPTY;
    counters.bytesReceived.add(piece.remaining());
    Echo complete = null;
    Assembly.Verdict verdict;
    synchronized (this) {
      verdict = closed || leaving ? Assembly.Verdict.SKIPPED : gather(frame, piece);
      if (verdict == Assembly.Verdict.COMPLETE) {
        complete = new Echo(this, counters, assembly.take());
        echoing++;
      }
    }
    if (complete != null) {
      gateway.submit(complete);
    }
    switch (verdict) {
      case EXHAUSTED -> answerBusy(callback);
      case TOO_LARGE -> {
        counters.framesRejectedTooLarge.increment();
        refuse();
        askForMore(callback);
      }
      case EXHAUSTED_TOO_LARGE -> {
        refuse();
        askForMore(callback);
      }
      case MORE, COMPLETE, SKIPPED -> askForMore(callback);
    }
  }

  private Assembly.Verdict gather(Frame frame, ByteBuffer piece) {
    if (frame.getOpCode() == OpCode.CONTINUATION) {
      return assembly.append(piece, frame.isFin());
    }
    counters.framesReceived.increment();
    return assembly.begin(frame.getOpCode(), piece, frame.isFin(), System.nanoTime());
  }

  private void refuse() {
    if (gateway.oversize() == Oversize.CLOSE) {
      leave(
          CloseStatus.MESSAGE_TOO_LARGE,
          "frames of up to " + gateway.frameLimitBytes() + " B are served");
    } else {
      gateway.warnOversize();
    }
  }

  private void answerBusy(Callback callback) {
    counters.framesDroppedExhausted.increment();
    gateway.happened(EventLog.Kind.FRAME_DROPPED, counters.framesDroppedExhausted.sum());
    callback.succeeded();
    Runnable next = session()::demand;
    Callback written = Callback.from(counters.busyAnswers::increment, failed -> {});
    send(new Frame(OpCode.TEXT, ByteBuffer.wrap(BUSY)), Callback.from(written, next));
  }

  /** The payload of a ping lies in Jetty's read buffer, which is kept until the pong is written. */
  private void onPing(Frame ping, Callback callback) {
    if (isLeaving()) {
      askForMore(callback);
      return;
    }
    Frame pong = new Frame(OpCode.PONG, ping.hasPayload() ? ping.getPayload() : EMPTY);
    send(pong, Callback.from(() -> askForMore(callback)));
  }

  /** The client closes: Jetty answers once the echoes that are under way have been written. */
  private void onClose(Callback callback) {
    synchronized (this) {
      if (!leaving) {
        leaving = true;
        leavingSinceNanos = System.nanoTime();
      }
    }
    whenDrained(callback::succeeded);
  }

  private void askForMore(Callback callback) {
    callback.succeeded();
    session().demand();
  }

  /**
   * Writes a frame. A client that does not take it within the frame time-out is cut off, which
   * fails the callback.
   */
  void send(Frame frame, Callback callback) {
    session().sendFrame(entry(frame, callback));
  }

  private OutgoingEntry entry(Frame frame, Callback callback) {
    return new OutgoingEntry.Builder(frame, callback)
        .frameTimeout(gateway.frameTimeoutMillis())
        .build();
  }

  /** An echo of this client was written, or has failed. */
  void echoEnded() {
    Runnable next = null;
    synchronized (this) {
      if (--echoing == 0) {
        next = whenDrained;
        whenDrained = null;
      }
    }
    if (next != null) {
      next.run();
    }
  }

  /**
   * Runs an action once no echo of this client is under way; a second action replaces the first.
   */
  private void whenDrained(Runnable action) {
    synchronized (this) {
      if (echoing > 0) {
        whenDrained = action;
        return;
      }
    }
    action.run();
  }

  /**
   * Sends the client away: what came before is still echoed, what comes from now on is discarded.
   */
  void leave(int code, String reason) {
    synchronized (this) {
      if (closed || leaving) {
        return;
      }
      leaving = true;
      leavingSinceNanos = System.nanoTime();
      abandonFrame();
    }
    whenDrained(() -> sendClose(code, reason));
  }

  private void sendClose(int code, String reason) {
    if (session() instanceof WebSocketCoreSession core) {
      core.getConnection()
          .enqueueFrame(entry(new CloseStatus(code, reason).toFrame(), Callback.NOOP));
    }
  }

  private synchronized boolean isLeaving() {
    return leaving;
  }

  /**
   * Ends what takes too long: a frame that is not completed, a client that was sent away and stays.
   */
  void endOverdue(long nowNanos, long frameTimeoutNanos) {
    boolean lingering;
    boolean unfinished;
    synchronized (this) {
      lingering = leaving && nowNanos - leavingSinceNanos > LINGER_NANOS && echoing == 0;
      unfinished = assembly.isFillingSinceBefore(nowNanos - frameTimeoutNanos);
    }
    if (lingering) {
      abort();
    } else if (unfinished) {
      leave(
          CloseStatus.POLICY_VIOLATION,
          "frame not completed within " + gateway.frameTimeoutMillis() + " ms");
    }
  }

  /** Ends the TCP connection at once. */
  void abort() {
    session().abort();
  }

  private void abandonFrame() {
    if (assembly.abandon()) {
      counters.framesAborted.increment();
    }
  }

  private synchronized CoreSession session() {
    if (session == null) {
      throw new IllegalStateException("the connection is not open yet");
    }
    return session;
  }

  /** Jetty itself refuses a frame that announces more than 2 GiB. */
  @Override
  public void onError(Throwable cause, Callback callback) {
    if (cause instanceof MessageTooLargeException) {
      counters.framesReceived.increment();
      counters.framesRejectedTooLarge.increment();
    }
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    synchronized (this) {
      closed = true;
      abandonFrame();
    }
    gateway.closed(this);
    callback.succeeded();
  }
}
