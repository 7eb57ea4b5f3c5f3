package io.cistern.gateway;

import io.cistern.config.Profile.Oversize;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client. Its {@link Wire} hands in the pieces of a frame as they arrive; they are gathered in
 * a block ({@link Assembly}), and the complete frame goes to the worker as an {@link Echo}, which
 * owns the block from then on.
 *
 * <p><b>Flow.</b> Nothing is read before it is asked for. After a {@code busy} answer or a pong the
 * next piece is asked for when the answer has been written, so a client that sends without reading
 * is slowed down by itself, and what is under way for it is bounded: its blocks by the pool, its
 * answers by one.
 *
 * <p><b>Leaving.</b> To send a client away a close frame is sent and reading goes on, discarding,
 * until the client has closed its side or two seconds have passed.
 *
 * <p><b>Threads.</b> A wire calls the methods for pieces one at a time, but {@code onClosed} and
 * the ends of echoes come from any thread: the state below is guarded by the monitor, calls to the
 * wire are made outside it.
 */
final class Connection {
  private static final byte[] BUSY = {'b', 'u', 's', 'y'};
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Gateway gateway;
  private final Counters counters;
  private final Assembly assembly;
  private final Wire wire;
  private boolean closed;
  private boolean leaving;
  private long leavingSinceNanos;
  private int echoing;
  private @Nullable Runnable whenDrained;

  Connection(Gateway gateway, Counters counters, FrameBlocks blocks, Wire wire) {
    this.gateway = gateway;
    this.wire = wire;
    this.counters = counters;
    this.assembly = new Assembly(blocks);
  }

  /** The wire may be used; the first piece is asked for by the server. */
  void onOpened() {
    gateway.opened(this);
  }

  /**
   * A frame, or a piece of one.
   *
   * @param piece is not used any more once it is released
   */
  void onData(byte opCode, ByteBuffer piece, boolean last, Runnable release) {
    counters.bytesReceived.add(piece.remaining());
    Echo complete = null;
    Assembly.Verdict verdict;
    synchronized (this) {
      verdict = closed || leaving ? Assembly.Verdict.SKIPPED : gather(opCode, piece, last);
      if (verdict == Assembly.Verdict.COMPLETE) {
        complete = new Echo(this, counters, assembly.take());
        echoing++;
      }
    }
    if (complete != null) {
      gateway.submit(complete);
    }
    release.run();
    switch (verdict) {
      case EXHAUSTED -> answerBusy();
      case TOO_LARGE -> {
        counters.framesRejectedTooLarge.increment();
        refuse();
        wire.demand();
      }
      case EXHAUSTED_TOO_LARGE -> {
        refuse();
        wire.demand();
      }
      case MORE, COMPLETE, SKIPPED -> wire.demand();
    }
  }

  private Assembly.Verdict gather(byte opCode, ByteBuffer piece, boolean last) {
    if (opCode == Protocol.CONTINUATION) {
      return assembly.append(piece, last);
    }
    counters.framesReceived.increment();
    return assembly.begin(opCode, piece, last, System.nanoTime());
  }

  /** The server itself has refused a frame for its length. */
  void onRefusedByServer() {
    counters.framesReceived.increment();
    counters.framesRejectedTooLarge.increment();
  }

  private void refuse() {
    if (gateway.oversize() == Oversize.CLOSE) {
      leaveTooLarge();
    } else {
      gateway.warnOversize();
    }
  }

  /** Says what would have been served. */
  void leaveTooLarge() {
    leave(
        Protocol.MESSAGE_TOO_LARGE,
        "frames of up to " + gateway.frameLimitBytes() + " B are served");
  }

  private void answerBusy() {
    counters.framesDroppedExhausted.increment();
    gateway.happened(EventLog.Kind.FRAME_DROPPED, counters.framesDroppedExhausted.sum());
    answer(Protocol.TEXT, ByteBuffer.wrap(BUSY), counters.busyAnswers::increment, () -> {});
  }

  /** The payload is kept until the pong is written. */
  void onPing(ByteBuffer payload, Runnable release) {
    if (isLeaving()) {
      onOther(release);
    } else {
      answer(Protocol.PONG, payload, () -> {}, release);
    }
  }

  /** Sends an answer, and asks for more once that is done, whether it succeeds or not. */
  private void answer(byte opCode, ByteBuffer payload, Runnable onWritten, Runnable onEnd) {
    wire.send(
        opCode,
        payload,
        new Wire.Written() {
          @Override
          public void done() {
            onWritten.run();
            failed(null);
          }

          @Override
          public void failed(@Nullable Throwable cause) {
            onEnd.run();
            wire.demand();
          }
        });
  }

  /** A frame of no interest. */
  void onOther(Runnable release) {
    release.run();
    wire.demand();
  }

  /** The client closes: it is answered once the echoes that are under way have been written. */
  void onClosing(Runnable answer) {
    synchronized (this) {
      if (!leaving) {
        leaving = true;
        leavingSinceNanos = System.nanoTime();
      }
    }
    whenDrained(answer);
  }

  void send(byte opCode, ByteBuffer payload, Wire.Written written) {
    wire.send(opCode, payload, written);
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
    whenDrained(() -> wire.sendClose(code, reason));
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
          Protocol.POLICY_VIOLATION,
          "frame not completed within " + gateway.frameTimeoutMillis() + " ms");
    }
  }

  /** Ends the TCP connection at once. */
  void abort() {
    wire.abort();
  }

  private void abandonFrame() {
    if (assembly.abandon()) {
      counters.framesAborted.increment();
    }
  }

  /** The TCP connection is gone. */
  void onClosed() {
    synchronized (this) {
      closed = true;
      abandonFrame();
    }
    gateway.closed(this);
  }
}
