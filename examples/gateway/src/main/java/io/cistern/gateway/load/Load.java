package io.cistern.gateway.load;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Clients that drive a gateway until they are stopped, each on a virtual thread of its own: {@link
 * Behaviour} says what they do. They check every echo byte by byte.
 */
public final class Load implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Tally tally = new Tally();
  private final HttpClient http;
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopping;

  private Load() {
    // Windows that do not grow: a client that stops reading is felt by the gateway after kilobytes,
    // not megabytes.
    if (System.getProperty("jdk.httpclient.receiveBufferSize") == null) {
      System.setProperty("jdk.httpclient.receiveBufferSize", "65536");
    }
    http = HttpClient.newBuilder().executor(Executors.newVirtualThreadPerTaskExecutor()).build();
  }

  /**
   * Starts the clients.
   *
   * @param options how many, and what drives them
   * @return a running load
   */
  public static Load start(LoadOptions options) {
    Load load = new Load();
    Pace pace = new Pace(options.framesPerSecond());
    Semaphore steady = new Semaphore(options.steadyFrames());
    for (int i = 0; i < options.clients(); i++) {
      Behaviour behaviour =
          new Behaviour(i, load.http, options, pace, steady, load.tally, () -> load.stopping);
      load.clients.add(Thread.ofVirtual().name("load-", i).start(behaviour));
    }
    return load;
  }

  /**
   * What the clients have seen so far.
   *
   * @return a snapshot
   */
  public LoadStats stats() {
    return tally.snapshot();
  }

  /**
   * Stops the clients: each waits for the answers it still expects, and closes. Calling it again
   * does nothing.
   */
  @Override
  public void close() {
    stopping = true;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Thread client : clients) {
      try {
        if (!client.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
          client.interrupt();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        client.interrupt();
      }
    }
    http.shutdownNow();
  }
}
