package io.cistern.gateway;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.CRC32C;

/**
 * The thread that processes frames: checksum, a look at the text, echo. One thread, so that a
 * client's frames come back in the order in which they were sent. It never blocks on a client: a
 * write that cannot be completed is left to the server.
 *
 * <p>The queue needs no bound of its own: each frame in it owns a block, so it never holds more
 * frames than the pool has blocks.
 */
final class EchoWorker implements AutoCloseable {
  private final BlockingQueue<Echo> queue;
  private final Counters counters;
  private final Thread thread;
  private final CRC32C crc = new CRC32C();
  private final Utf8 utf8 = new Utf8();

  EchoWorker(Counters counters) {
    this.queue = new LinkedBlockingQueue<>();
    this.counters = counters;
    this.thread = Thread.ofPlatform().name("gateway-echo").daemon().start(this::run);
  }

  /** Hands a frame over. */
  void submit(Echo echo) {
    queue.add(echo);
  }

  private void run() {
    try {
      while (true) {
        Echo echo = queue.take();
        try {
          process(echo);
        } catch (RuntimeException unexpected) {
          echo.failed(unexpected);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void process(Echo echo) {
    ByteBuffer payload = echo.payload();
    crc.reset();
    crc.update(payload);
    payload.rewind();
    counters.checksum.accumulateAndGet((int) crc.getValue(), (a, b) -> a ^ b);
    if (echo.isText() && !utf8.isValid(payload)) {
      echo.connection().leave(Protocol.BAD_PAYLOAD, "text is not UTF-8");
      echo.failed(new IllegalArgumentException("text is not UTF-8"));
      return;
    }
    echo.send();
  }

  /**
   * Ends the thread. Frames that are still queued are not processed: the gateway waits for them
   * first.
   */
  @Override
  public void close() {
    thread.interrupt();
  }
}
