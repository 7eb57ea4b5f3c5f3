package io.cistern.mqtt;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a node reports to, in one line:
 *
 * <pre>
 * mqtt://user:password@host:1883/NODE?interval=5s&amp;commands=true
 * mqtts://host/NODE?ca=broker.pem
 * </pre>
 *
 * {@code mqtts} is encrypted, with port 8883 where none is given. What has a meaning of its own in
 * user, password or a value is percent-encoded. Messages of refusals name the part that is wrong,
 * and never hold the password; neither does {@link #toString}. Immutable.
 */
public final class MqttUri {
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final String OPTIONS = "buffer, ca, client, commands, interval, maxpayload, root";

  private final URI uri;
  private final Map<String, String> options = new LinkedHashMap<>();

  private MqttUri(URI uri) {
    this.uri = uri;
  }

  /**
   * Reads one.
   *
   * @param text as above
   * @return what it says
   * @throws IllegalArgumentException when a part cannot be read or is not allowed; the message
   *     names it, its value, unless it may hold the password, and what is allowed
   */
  public static MqttUri parse(String text) {
    MqttUri parsed = new MqttUri(syntax(text));
    parsed.readOptions();
    parsed.apply(new MqttDiagnostics.Builder());
    return parsed;
  }

  private static URI syntax(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException wrong) { // its message has the whole text, and so the password
      throw refused(
          "%s at character %d; percent-encode special characters"
              .formatted(wrong.getReason(), wrong.getIndex() + 1));
    }
  }

  private void readOptions() {
    String query = uri.getRawQuery();
    for (String option : query == null ? new String[0] : query.split("&", -1)) {
      int equals = option.indexOf('=');
      if (equals < 1) {
        throw refused("option '%s': must be NAME=VALUE; possible: %s".formatted(option, OPTIONS));
      }
      String name = option.substring(0, equals);
      if (options.put(name, decode(option.substring(equals + 1))) != null) {
        throw refused("option '%s' is given twice".formatted(name));
      }
    }
  }

  /** Sets all that is said here; the builder refuses what is not allowed. */
  void apply(MqttDiagnostics.Builder builder) {
    boolean tls = isEncrypted();
    try {
      builder.broker(host(), uri.getPort() < 0 ? MqttDiagnostics.Builder.port(tls) : uri.getPort());
      builder.node(node());
      credentials(builder);
      if (tls) {
        builder.tls();
      }
      options.forEach((name, value) -> option(builder, tls, name, value));
    } catch (IllegalArgumentException wrong) {
      throw wrong instanceof Refusal ? wrong : refused(wrong.getMessage());
    }
  }

  private boolean isEncrypted() {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("mqtt") && !scheme.equals("mqtts")) {
      throw refused("scheme '%s': mqtt or mqtts is allowed".formatted(scheme));
    }
    return scheme.equals("mqtts");
  }

  private String host() {
    String host = uri.getHost();
    if (host == null) {
      throw refused(
          "host and port cannot be read: mqtt://user:password@host:port/NODE is needed, special characters in user and password percent-encoded");
    }
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private String node() {
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (path.length() < 2) {
      throw refused(
          "node: none is given; it stands behind the port, as in mqtt://host:1883/gateway-1");
    }
    return path.substring(1);
  }

  private void credentials(MqttDiagnostics.Builder builder) {
    String info = uri.getRawUserInfo();
    if (info != null) {
      int colon = info.indexOf(':');
      String user = decode(colon < 0 ? info : info.substring(0, colon));
      builder.credentials(user, colon < 0 ? null : decode(info.substring(colon + 1)));
    }
  }

  private static void option(
      MqttDiagnostics.Builder builder, boolean tls, String name, String value) {
    switch (name) {
      case "interval" -> builder.interval(time(name, value));
      case "commands" -> builder.commands(yesOrNo(name, value));
      case "buffer" -> builder.eventBuffer(number(name, value));
      case "maxpayload" -> builder.maxPayloadBytes(number(name, value));
      case "root" -> builder.topicRoot(value);
      case "client" -> builder.clientId(value);
      case "ca" -> {
        if (!tls) {
          throw refused("option 'ca' is for mqtts:// alone");
        }
        builder.tls(path(name, value));
      }
      default -> throw refused("option '%s' is unknown; possible: %s".formatted(name, OPTIONS));
    }
  }

  private static Duration time(String name, String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      throw refused(
          "%s '%s': a whole number and ms, s, m or h is needed, such as 5s".formatted(name, value));
    }
    ChronoUnit unit =
        switch (matcher.group(2)) {
          case "ms" -> ChronoUnit.MILLIS;
          case "s" -> ChronoUnit.SECONDS;
          case "m" -> ChronoUnit.MINUTES;
          default -> ChronoUnit.HOURS;
        };
    try {
      return Duration.of(Long.parseLong(matcher.group(1)), unit);
    } catch (DateTimeException | ArithmeticException tooLong) {
      throw refused("%s '%s' is too long".formatted(name, value));
    }
  }

  private static boolean yesOrNo(String name, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused("%s '%s': true or false is needed".formatted(name, value));
    };
  }

  private static int number(String name, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException none) {
      throw refused("%s '%s': a whole number is needed".formatted(name, value));
    }
  }

  private static Path path(String name, String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException none) {
      throw refused("%s '%s' is no file name".formatted(name, value));
    }
  }

  private static String decode(String raw) {
    return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** A refusal that has said already which part is wrong. */
  private static final class Refusal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  private static Refusal refused(@Nullable String what) {
    return new Refusal("MQTT address: " + what);
  }

  /** Without the password. */
  @Override
  public String toString() {
    int port = uri.getPort();
    return "%s://%s%s%s"
        .formatted(uri.getScheme(), uri.getHost(), port < 0 ? "" : ":" + port, uri.getPath());
  }
}
