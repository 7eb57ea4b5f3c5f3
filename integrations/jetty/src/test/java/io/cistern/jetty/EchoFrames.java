package io.cistern.jetty;

import java.util.Objects;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.jspecify.annotations.Nullable;

/** Sends every frame back, out of the buffer that it was read into. */
final class EchoFrames implements FrameHandler {
  private volatile @Nullable CoreSession session;

  @Override
  public void onOpen(CoreSession opened, Callback callback) {
    session = opened;
    callback.succeeded();
    opened.demand();
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    CoreSession to = Objects.requireNonNull(session);
    if (!OpCode.isDataFrame(frame.getOpCode())) {
      callback.succeeded();
      if (frame.getOpCode() != OpCode.CLOSE) {
        to.demand();
      }
      return;
    }
    Frame answer = new Frame(frame.getOpCode(), frame.isFin(), frame.getPayload());
    Callback sent =
        Callback.from(
            () -> {
              callback.succeeded();
              to.demand();
            },
            callback::failed);
    to.sendFrame(new OutgoingEntry.Builder(answer, sent).build());
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    callback.succeeded();
  }
}
