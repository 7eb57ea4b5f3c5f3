package io.cistern.mqtt;

import io.cistern.PoolManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells a broker how the pools of a manager are, over MQTT 5: their health at an interval, what
 * happens at once, whether the node is there; and, where that is enabled, does what it is asked
 * from there. Topics and payloads are in docs/mqtt.md.
 *
 * <p>The broker may be there or not, go and come back: pools never wait for it. Events are handed
 * over without a lock to one daemon thread, which keeps the youngest of them until the broker has
 * acknowledged them; the number of those that found the buffer full is told after the connection is
 * back. A health that could not be sent is not sent later, since the next one says more.
 *
 * <p>Safe for use by several threads.
 */
public final class MqttDiagnostics implements AutoCloseable {
  private final Courier courier;

  private MqttDiagnostics(Courier courier) {
    this.courier = courier;
  }

  /**
   * Starts with the address of the broker and the name of the node to be said.
   *
   * @param manager of the pools; to be closed after the diagnostics
   * @return a builder
   */
  public static Builder builder(PoolManager manager) {
    return new Builder(Objects.requireNonNull(manager, "manager"));
  }

  /**
   * Whether the broker has answered and the connection is not known to be lost.
   *
   * @return the state of this moment
   */
  public boolean isConnected() {
    return courier.isConnected();
  }

  /**
   * Stops: tells the broker what it has not been told, and that the node is offline, if that can be
   * done within about two seconds. After it, no listener of this is left at the pools.
   */
  @Override
  public void close() {
    courier.close();
  }

  /** Collects where the broker is, and what it shall be told. */
  public static final class Builder {
    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;
    private static final int MOST_PORT = 65_535;
    private static final int MOST_EVENTS = 1_000_000;
    private static final int LEAST_PAYLOAD = 4096;
    private static final int MOST_PAYLOAD = 16 * 1024 * 1024;
    private static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
    private static final Duration MOST_INTERVAL = Duration.ofHours(1);
    private static final Pattern CLIENT_ID = Pattern.compile("[\\x21-\\x7e]{1,128}");

    private final @Nullable PoolManager manager;
    private String host = "localhost";
    private int port;
    private boolean tls;
    private @Nullable TrustManagerFactory authorities;
    private @Nullable String user;
    private @Nullable String password;
    private @Nullable String node;
    private String root = "cistern";
    private @Nullable String clientId;
    private Duration interval = Duration.ofSeconds(5);
    private boolean commands;
    private int eventBuffer = 1000;
    private int maxPayloadBytes = 256 * 1024;
    private Settings.Retry retry =
        new Settings.Retry(Duration.ofMillis(500), Duration.ofSeconds(30));

    private Builder(PoolManager manager) {
      this.manager = manager;
    }

    /** Only to see whether an address can be used. */
    Builder() {
      this.manager = null;
    }

    /** The port of a broker that says nothing else. */
    static int port(boolean encrypted) {
      return encrypted ? TLS_PORT : PLAIN_PORT;
    }

    /**
     * Sets everything that an address says; goes before what is set otherwise.
     *
     * @param address as {@link MqttUri} describes it
     * @return this
     * @throws IllegalArgumentException when the address is not allowed; the message names the part
     */
    public Builder uri(String address) {
      return uri(MqttUri.parse(address));
    }

    /**
     * Sets everything that an address says.
     *
     * @param address of the broker and the node
     * @return this
     */
    public Builder uri(MqttUri address) {
      address.apply(this);
      return this;
    }

    /**
     * Where the broker is; {@code localhost} and 1883, or 8883 with TLS, where nothing is said.
     *
     * @param host name or IP address
     * @param port 1 to 65535
     * @return this
     * @throws IllegalArgumentException when the host is blank or the port out of range
     */
    public Builder broker(String host, int port) {
      if (host.isBlank()) {
        throw new IllegalArgumentException("host: none is given");
      }
      requireRange("port", port, 1, MOST_PORT);
      this.host = host;
      this.port = port;
      return this;
    }

    /**
     * The name by which this process is known.
     *
     * @param name unique among the nodes of a broker; 1 to 64 letters, digits, '.', '_' or '-'
     * @return this
     * @throws IllegalArgumentException when it is not of this form
     */
    public Builder node(String name) {
      this.node = new Topics(root, name).node();
      return this;
    }

    /**
     * The levels of all topics before the node's name; {@code cistern} where nothing is said.
     *
     * @param levels one or more names, up to 8, with '/' between
     * @return this
     * @throws IllegalArgumentException when it is not of this form
     */
    public Builder topicRoot(String levels) {
      this.root = new Topics(levels, "node").root();
      return this;
    }

    /**
     * The id by which the broker knows the connection; {@code cistern-NODE} where nothing is said.
     * A broker has one connection an id: of two that come with the same, the first is sent away,
     * and stays away for the longest pause.
     *
     * @param id 1 to 128 printable ASCII characters without a space
     * @return this
     * @throws IllegalArgumentException when it is not of this form
     */
    public Builder clientId(String id) {
      if (!CLIENT_ID.matcher(id).matches()) {
        throw new IllegalArgumentException(
            "client id '%s': 1 to 128 printable ASCII characters without a space are allowed"
                .formatted(id));
      }
      this.clientId = id;
      return this;
    }

    /**
     * Encrypts the connection, and trusts whom the JVM trusts. The broker's certificate must name
     * its host.
     *
     * @return this
     */
    public Builder tls() {
      this.tls = true;
      return this;
    }

    /**
     * Encrypts the connection, and trusts the certificates in a file alone. The broker's
     * certificate must name its host.
     *
     * @param certificates PEM file of one or more: the authority's, or the broker's own
     * @return this
     * @throws IllegalArgumentException when the file cannot be read or has no certificate
     */
    public Builder tls(Path certificates) {
      this.authorities = Authorities.read(certificates);
      return tls();
    }

    /**
     * Who this is, for the broker. Without {@link #tls} both go over the network as they are.
     *
     * @param user not blank
     * @param password null for none; never logged
     * @return this
     * @throws IllegalArgumentException when the user is blank
     */
    public Builder credentials(String user, @Nullable String password) {
      if (user.isBlank()) {
        throw new IllegalArgumentException("user: none is given");
      }
      this.user = user;
      this.password = password;
      return this;
    }

    /**
     * How often the health is told; 5 seconds where nothing is said.
     *
     * @param time 100 ms to 1 h
     * @return this
     * @throws IllegalArgumentException when it is out of range
     */
    public Builder interval(Duration time) {
      if (time.compareTo(LEAST_INTERVAL) < 0 || time.compareTo(MOST_INTERVAL) > 0) {
        throw new IllegalArgumentException(
            "interval of %d ms: 100 ms to 1 h is allowed".formatted(time.toMillis()));
      }
      this.interval = time;
      return this;
    }

    /**
     * Whether commands are heard: dump, verify, leaks, thresholds. Who may send them is the
     * broker's business. They are not, where nothing is said.
     *
     * @param heard true to hear them
     * @return this
     */
    public Builder commands(boolean heard) {
      this.commands = heard;
      return this;
    }

    /**
     * How many events may wait for the broker, the youngest; 1000 where nothing is said. Some 200 B
     * of Java heap each, while they wait.
     *
     * @param events 1 to 1,000,000
     * @return this
     * @throws IllegalArgumentException when it is out of range
     */
    public Builder eventBuffer(int events) {
      requireRange("event buffer", events, 1, MOST_EVENTS);
      this.eventBuffer = events;
      return this;
    }

    /**
     * The longest payload; 262144 bytes where nothing is said. A broker may allow less: then that
     * is the limit. What would be longer is told without its details, a dump is cut.
     *
     * @param bytes 4096 to 16 MiB
     * @return this
     * @throws IllegalArgumentException when it is out of range
     */
    public Builder maxPayloadBytes(int bytes) {
      requireRange("longest payload", bytes, LEAST_PAYLOAD, MOST_PAYLOAD);
      this.maxPayloadBytes = bytes;
      return this;
    }

    /**
     * How long to wait before the next attempt to connect: the first time, then twice as long after
     * each failure. 500 ms and 30 s where nothing is said. Up to half of it is left to chance, so
     * that a fleet does not come back all at once.
     *
     * @param least 10 ms or more
     * @param most not less, up to 1 h
     * @return this
     * @throws IllegalArgumentException when they are out of range
     */
    public Builder reconnect(Duration least, Duration most) {
      if (least.toMillis() < 10 || most.compareTo(least) < 0 || most.compareTo(MOST_INTERVAL) > 0) {
        throw new IllegalArgumentException(
            "pauses of %d to %d ms: 10 ms <= first <= last <= 1 h is needed"
                .formatted(least.toMillis(), most.toMillis()));
      }
      this.retry = new Settings.Retry(least, most);
      return this;
    }

    /**
     * Begins: listens at the pools, and connects as soon as it can. Returns at once, whether the
     * broker is there or not.
     *
     * @return running diagnostics
     * @throws IllegalStateException when no node was named
     */
    public MqttDiagnostics start() {
      Courier courier = new Courier(Objects.requireNonNull(manager), settings());
      courier.start();
      return new MqttDiagnostics(courier);
    }

    Settings settings() {
      if (node == null) {
        throw new IllegalStateException("no node was named: node(NAME) is needed");
      }
      return new Settings(
          host,
          port == 0 ? port(tls) : port,
          tls,
          authorities,
          user,
          password,
          new Topics(root, node),
          clientId == null ? "cistern-" + node : clientId,
          interval,
          commands,
          eventBuffer,
          maxPayloadBytes,
          retry);
    }

    private static void requireRange(String what, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "%s %d: %d to %d is allowed".formatted(what, value, least, most));
      }
    }
  }
}
