package io.cistern.dashboard;

import io.cistern.PoolManager;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A web page that shows the pools of a manager, live, and the WebSocket API under it
 * (docs/dashboard.md, docs/websocket-api.md).
 *
 * <pre>
 * manager.stats() ──► one thread, ten times a second at most ──► each client that is due and has read the last
 * </pre>
 *
 * <p>The pools notice nothing: what is shown is read without their locks, a client that does not
 * read is skipped, and one that never reads is cut off. Nothing is taken from them while nobody
 * looks but one snapshot a second, for the charts. Close the dashboard before the manager.
 *
 * <p>By default it listens on the loopback address, for this machine alone, and changes nothing.
 * Any thread may call.
 */
public final class Dashboard implements AutoCloseable {
  private final Hub hub;
  private final DashboardServer server;

  private Dashboard(Hub hub, DashboardServer server) {
    this.hub = hub;
    this.server = server;
  }

  /**
   * Starts a dashboard on the loopback address, on any free port, that changes nothing.
   *
   * @param manager whose pools are shown
   * @return a running dashboard; its {@link #address()} is for a browser
   * @throws IOException when no port can be listened on
   */
  public static Dashboard start(PoolManager manager) throws IOException {
    return builder(manager).start();
  }

  /**
   * Prepares a dashboard.
   *
   * @param manager whose pools are shown
   * @return a builder with the defaults
   */
  public static Builder builder(PoolManager manager) {
    return new Builder(Objects.requireNonNull(manager, "manager"));
  }

  /**
   * Where a browser finds the page.
   *
   * @return {@code http://HOST:PORT/}
   */
  public URI address() {
    return server.address();
  }

  /**
   * How many are connected now.
   *
   * @return WebSocket clients, pages among them
   */
  public int clients() {
    return hub.clients();
  }

  /**
   * Sends all clients a last snapshot, says goodbye to them and gives the port back. Closing again
   * does nothing.
   */
  @Override
  public void close() {
    hub.close();
    server.close();
  }

  /** How a dashboard is to be. */
  public static final class Builder {
    private static final int LEAST_TOKEN = 16;
    private static final int MOST_CLIENTS = 1_000;
    private static final Duration LONGEST_HISTORY = Duration.ofHours(1);

    private final PoolManager manager;
    private final List<String> origins = new ArrayList<>();
    private String host = "127.0.0.1";
    private int port;
    private @Nullable String token;
    private boolean commands;
    private Duration history = Duration.ofMinutes(10);
    private int clients = 16;

    private Builder(PoolManager manager) {
      this.manager = manager;
    }

    /**
     * On which address it listens. One that other machines can reach needs a {@link #token}.
     *
     * @param host name or address; {@code 127.0.0.1} by default
     * @return this
     */
    public Builder host(String host) {
      this.host = Objects.requireNonNull(host, "host");
      return this;
    }

    /**
     * On which TCP port it listens.
     *
     * @param port from 0, which takes any free one and is the default, to 65535
     * @return this
     */
    public Builder port(int port) {
      this.port = within("port", port, 0, 65_535);
      return this;
    }

    /**
     * What a client must know. It is sent in the header {@code Authorization: Bearer TOKEN}, or in
     * the first message; it is never logged.
     *
     * @param token of 16 characters or more
     * @return this
     * @throws IllegalArgumentException when it is shorter
     */
    public Builder token(String token) {
      if (token.length() < LEAST_TOKEN) {
        throw new IllegalArgumentException(
            "a token of %d characters: must have at least %d"
                .formatted(token.length(), LEAST_TOKEN));
      }
      this.token = token;
      return this;
    }

    /**
     * Lets pages of another origin connect: that of a proxy in front of the dashboard, for
     * instance.
     *
     * @param origin as browsers send it: {@code https://pools.example.org}
     * @return this
     */
    public Builder allowOrigin(String origin) {
      origins.add(Objects.requireNonNull(origin, "origin"));
      return this;
    }

    /**
     * Lets clients change thresholds, limits and counts, and give idle memory back.
     *
     * @param enabled false by default; then they can look only
     * @return this
     */
    public Builder commands(boolean enabled) {
      this.commands = enabled;
      return this;
    }

    /**
     * How far back the charts of a new page go. A second takes some 60 bytes a pool.
     *
     * @param time from 0, for none, to 1 hour; 10 minutes by default
     * @return this
     */
    public Builder history(Duration time) {
      if (time.isNegative() || time.compareTo(LONGEST_HISTORY) > 0) {
        throw new IllegalArgumentException(
            "a history of %s: must be from PT0S to %s".formatted(time, LONGEST_HISTORY));
      }
      this.history = time;
      return this;
    }

    /**
     * How many may be connected at a time; others are refused.
     *
     * @param most from 1 to 1000; 16 by default
     * @return this
     */
    public Builder clients(int most) {
      this.clients = within("clients", most, 1, MOST_CLIENTS);
      return this;
    }

    private static int within(String what, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "%s %d: must be from %d to %d".formatted(what, value, least, most));
      }
      return value;
    }

    /**
     * Listens.
     *
     * @return a running dashboard
     * @throws IllegalArgumentException when other machines can reach the address and there is no
     *     token
     * @throws IOException when the port cannot be listened on
     */
    public Dashboard start() throws IOException {
      Access access = Access.to(host, token, List.copyOf(origins));
      Hub hub = new Hub(manager, commands, (int) history.toSeconds(), clients);
      boolean started = false;
      try {
        DashboardServer server = DashboardServer.start(host, port, access, hub);
        hub.start();
        started = true;
        return new Dashboard(hub, server);
      } finally {
        if (!started) {
          hub.close();
        }
      }
    }
  }
}
