package io.cistern.gateway;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.config.Profile;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket gateway on the loopback address that serves every frame out of one block of a pool:
 * the frame is copied into the block, handed to another thread through a bounded queue, processed
 * there, echoed straight out of the block, and freed when the echo is written.
 *
 * <pre>
 * client ──▶ Wire ──▶ Connection ──▶ Assembly ──▶ Echo ──▶ EchoWorker ──▶ Wire ──▶ client
 *            Jetty    one a client   takes the    owns      checksum,      writes out of the block,
 *            or Netty                block        the block echo           then the block is freed
 * </pre>
 *
 * <p>What cannot be served is answered, not queued: a frame that is too large with close code 1009
 * (or it is dropped with a warning, where the profile says so), a frame that finds the pool
 * exhausted with a text frame {@code busy}. A client that goes away in mid-frame, or sends without
 * reading, holds blocks no longer than the frame time-out.
 *
 * <p>Where there is a pool named {@value EventLog#POOL} it also keeps an {@link EventLog}.
 *
 * <p>Compression is not offered: the size on the wire is the size in memory. Safe for use by
 * several threads.
 */
public final class Gateway implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Profile.Frames frames;
  private final GatewayOptions options;
  private final Counters counters = new Counters();
  private final FrameBlocks blocks;
  private final OversizeWarnings warnings;
  private final EchoWorker worker;
  private final @Nullable EventLog events;
  private final Set<Connection> connections = new HashSet<>();
  private final Server server;
  private boolean closing;

  private Gateway(
      MemoryPool pool, Profile.Frames frames, GatewayOptions options, @Nullable EventLog events)
      throws IOException {
    this.events = events;
    this.frames = frames;
    this.options = options;
    this.blocks = new FrameBlocks(pool, frames);
    this.warnings = new OversizeWarnings(blocks.limit());
    this.server =
        switch (options.server()) {
          case JETTY -> JettyServer.listen(options, this::connection, this::sweep);
          case NETTY ->
              NettyServer.listen(options, frames, blocks.limit(), this::connection, this::sweep);
        };
    this.worker = new EchoWorker(counters);
  }

  /**
   * Opens a gateway.
   *
   * @param pools stay the caller's, and must stay open until the gateway is closed
   * @param frames which pool the frames live in, and what becomes of larger ones
   * @param options port and patience
   * @return a gateway that listens
   * @throws IOException when the port cannot be listened on; a {@link java.net.BindException} when
   *     it is in use
   * @throws IllegalArgumentException when the pools do not have what {@code frames} names
   */
  public static Gateway open(PoolManager pools, Profile.Frames frames, GatewayOptions options)
      throws IOException {
    EventLog events = EventLog.in(pools);
    boolean opened = false;
    try {
      Gateway gateway = new Gateway(pools.pool(frames.pool()), frames, options, events);
      gateway.server.start();
      opened = true;
      return gateway;
    } finally {
      if (!opened && events != null) {
        events.close();
      }
    }
  }

  /**
   * Where clients connect.
   *
   * @return {@code ws://127.0.0.1:port/}; every path is served
   */
  public URI uri() {
    return URI.create("ws://127.0.0.1:" + server.port() + "/");
  }

  /**
   * The largest frame that is served.
   *
   * @return bytes of payload
   */
  public long frameLimitBytes() {
    return blocks.limit();
  }

  /**
   * How many of the largest frames can be under way at once.
   *
   * @return a count of blocks
   */
  public int blocksForLargestFrame() {
    return blocks.blocksForLargest();
  }

  /**
   * What became of the frames so far.
   *
   * @return a snapshot
   */
  public GatewayStats stats() {
    synchronized (connections) {
      return counters.snapshot(connections.size());
    }
  }

  /**
   * Stops in order: no new clients; every client is sent away with code 1001 once its echoes are
   * written; who stays is cut off. Afterwards no block is held by the gateway. Closing a closed
   * gateway does nothing.
   *
   * @throws IllegalStateException when a frame still holds a block, which would be a fault of the
   *     gateway
   */
  @Override
  public void close() {
    synchronized (connections) {
      if (closing) {
        return;
      }
      closing = true;
    }
    server.stopAccepting();
    all().forEach(connection -> connection.leave(Protocol.GOING_AWAY, "the gateway stops"));
    if (!await(() -> stats().connections() == 0)) {
      all().forEach(Connection::abort);
    }
    boolean drained = await(() -> stats().echoing() == 0);
    server.stop();
    worker.close();
    if (events != null) {
      events.close();
    }
    if (!drained) {
      throw new IllegalStateException(
          stats().echoing() + " frames still hold a block after the gateway was stopped");
    }
  }

  private boolean await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + GRACE.toNanos();
    synchronized (connections) {
      while (!condition.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        try {
          connections.wait(Math.min(left, 10));
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return condition.getAsBoolean();
        }
      }
      return true;
    }
  }

  private Connection connection(Wire wire) {
    return new Connection(this, counters, blocks, wire);
  }

  private void sweep() {
    long now = System.nanoTime();
    all().forEach(connection -> connection.endOverdue(now, options.frameTimeout().toNanos()));
  }

  private List<Connection> all() {
    synchronized (connections) {
      return List.copyOf(connections);
    }
  }

  void opened(Connection connection) {
    counters.connectionsOpened.increment();
    happened(EventLog.Kind.CLIENT_OPENED, counters.connectionsOpened.sum());
    synchronized (connections) {
      connections.add(connection);
      if (!closing) {
        return;
      }
    }
    connection.leave(Protocol.GOING_AWAY, "the gateway stops");
  }

  void closed(Connection connection) {
    synchronized (connections) {
      connections.remove(connection);
      connections.notifyAll();
    }
    happened(EventLog.Kind.CLIENT_CLOSED, counters.connectionsOpened.sum());
  }

  /** Notes an event where there is a pool for events. */
  void happened(EventLog.Kind kind, long detail) {
    if (events != null) {
      events.happened(kind, detail);
    }
  }

  void submit(Echo echo) {
    worker.submit(echo);
  }

  Profile.Oversize oversize() {
    return frames.oversize();
  }

  void warnOversize() {
    warnings.dropped();
  }

  long frameTimeoutMillis() {
    return options.frameTimeout().toMillis();
  }
}
