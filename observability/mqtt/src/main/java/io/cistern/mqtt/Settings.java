package io.cistern.mqtt;

import java.time.Duration;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the diagnostics of one node run with.
 *
 * @param host of the broker
 * @param port of the broker
 * @param tls whether the connection is encrypted
 * @param authorities whom to trust; null for those that the JVM trusts
 * @param user name for the broker; null for none
 * @param password for the broker; null for none
 * @param topics of the node
 * @param clientId by which the broker knows this connection
 * @param interval of the health
 * @param commands whether they are heard
 * @param eventBuffer most events that wait for the broker
 * @param maxPayloadBytes most bytes of one message
 * @param retry how long after a lost connection the next is tried
 */
record Settings(
    String host,
    int port,
    boolean tls,
    @Nullable TrustManagerFactory authorities,
    @Nullable String user,
    @Nullable String password,
    Topics topics,
    String clientId,
    Duration interval,
    boolean commands,
    int eventBuffer,
    int maxPayloadBytes,
    Retry retry) {

  /**
   * Pauses between attempts: the first, then twice as long after each failure, up to the last.
   *
   * @param least the first
   * @param most the last
   */
  record Retry(Duration least, Duration most) {
    /** After so many failures in a row, without the chance that is added to it. */
    long millis(int failures) {
      long doubled = least.toMillis() << Math.min(failures, 20);
      return Math.min(doubled, most.toMillis());
    }
  }

  /** Where the broker is; fit for the log. */
  String broker() {
    return "%s://%s:%d".formatted(tls ? "mqtts" : "mqtt", host, port);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "node '%s' at %s".formatted(topics.node(), broker());
  }
}
