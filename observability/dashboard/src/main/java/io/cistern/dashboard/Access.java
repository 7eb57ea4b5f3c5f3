package io.cistern.dashboard;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect.
 *
 * <pre>
 * Host     on a loopback address: one of its names, so that no foreign name that is made to point here gets in
 * Origin   of this page, or one that was allowed; programs send none
 * token    where there is one: in the header, or in the first message
 * </pre>
 *
 * <p>Tokens are compared in constant time, and appear in no message and no log.
 */
final class Access {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]", "::1");
  private static final String BEARER = "Bearer ";

  private final String host;
  private final boolean isLoopback;
  private final byte @Nullable [] token;
  private final List<String> origins;

  private Access(String host, boolean isLoopback, @Nullable String token, List<String> origins) {
    this.host = host.toLowerCase(Locale.ROOT);
    this.isLoopback = isLoopback;
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.origins = origins;
  }

  static Access to(String host, @Nullable String token, List<String> origins) throws IOException {
    boolean isLoopback = InetAddress.getByName(host).isLoopbackAddress();
    if (!isLoopback && token == null) {
      throw new IllegalArgumentException(
          "other machines can reach host '%s': a token is needed there; 127.0.0.1 needs none"
              .formatted(host));
    }
    return new Access(host, isLoopback, token, origins);
  }

  /** Whether the name under which a client has found this machine is one of its own. */
  boolean mayAskFor(@Nullable String asked) {
    if (!isLoopback) {
      return true;
    }
    String name = asked == null ? "" : asked.toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(name) || name.equals(host);
  }

  /**
   * Whether a page may connect.
   *
   * @param origin of the page; null when the client is no browser
   * @param authority host and port as the client asked for them
   */
  boolean mayComeFrom(@Nullable String origin, String authority) {
    return origin == null || origins.contains(origin) || authority.equals(authorityOf(origin));
  }

  private static @Nullable String authorityOf(String origin) {
    try {
      return URI.create(origin).getAuthority();
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }

  boolean needsToken() {
    return token != null;
  }

  boolean isToken(@Nullable String given) {
    return token == null
        || (given != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether a header {@code Authorization} has the token. */
  boolean isAuthorized(@Nullable String header) {
    return token == null
        || (header != null
            && header.startsWith(BEARER)
            && isToken(header.substring(BEARER.length())));
  }
}
