package io.cistern.benchmarks.echo;

import java.util.ArrayDeque;
import java.util.Queue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;

/**
 * A request's body, which is kept in the buffers that it came in until all of it is there, and then
 * sent back. Jetty has this as {@code Content.Source.asRetainableByteBuffer}, which forgets what it
 * holds when the pool has no buffer for the rest; here that is released.
 */
final class Gathered implements Runnable {
  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Queue<Content.Chunk> chunks = new ArrayDeque<>();

  Gathered(Request request, Response response, Callback callback) {
    this.request = request;
    this.response = response;
    this.callback = callback;
  }

  /** Reads what there is. */
  @Override
  public void run() {
    try {
      while (true) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          request.demand(this);
          return;
        }
        if (Content.Chunk.isFailure(chunk)) {
          fail(chunk.getFailure());
          return;
        }
        chunks.add(chunk);
        if (chunk.isLast()) {
          new Sending().iterate();
          return;
        }
      }
    } catch (OutOfMemoryError exhausted) {
      fail(exhausted);
    }
  }

  private void fail(Throwable failure) {
    chunks.forEach(Content.Chunk::release);
    chunks.clear();
    callback.failed(failure);
  }

  /** One chunk after the other. */
  private final class Sending extends IteratingNestedCallback {
    Sending() {
      super(callback);
    }

    @Override
    protected Action process() {
      Content.Chunk next = chunks.peek();
      if (next == null) {
        return Action.SUCCEEDED;
      }
      response.write(chunks.size() == 1, next.getByteBuffer(), this);
      return Action.SCHEDULED;
    }

    @Override
    protected void onSuccess() {
      chunks.remove().release();
    }

    @Override
    protected void onCompleteFailure(Throwable failure) {
      fail(failure);
    }
  }
}
