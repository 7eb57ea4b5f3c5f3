package io.cistern.jdk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * A JMX client as a program of its own that has nothing but the JDK. It obeys lines from its
 * standard input and answers each with one line, in which line ends are written as \n:
 *
 * <pre>
 * all BEAN                            every attribute, name=value
 * set BEAN ATTRIBUTE LONG
 * call BEAN OPERATION TYPE:VALUE…     TYPE is int, long, double or String
 * listen BEAN                         from now on "notified …" lines come between answers
 * </pre>
 */
final class RemoteClient {
  private final MBeanServerConnection server;

  private RemoteClient(MBeanServerConnection server) {
    this.server = server;
  }

  /**
   * Connects, and obeys until its input ends.
   *
   * @param args the address
   */
  @SuppressWarnings("BanJNDI") // the address is this test's own
  public static void main(String[] args) throws Exception {
    try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(args[0]));
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      RemoteClient client = new RemoteClient(connector.getMBeanServerConnection());
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        say(client.answer(line.split(" ")));
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line.replace("\n", "\\n"));
    System.out.flush();
  }

  private String answer(String[] words) {
    try {
      ObjectName bean = new ObjectName(words[1]);
      return switch (words[0]) {
        case "all" -> all(bean);
        case "set" -> set(bean, words[2], Long.valueOf(words[3]));
        case "call" -> call(bean, words[2], Arrays.copyOfRange(words, 3, words.length));
        case "listen" -> listen(bean);
        default -> "unknown: " + words[0];
      };
    } catch (Exception refused) {
      Throwable cause = refused.getCause() == null ? refused : refused.getCause();
      return "refused " + cause.getClass().getName() + ": " + cause.getMessage();
    }
  }

  private String all(ObjectName bean) throws JMException, IOException {
    StringBuilder text = new StringBuilder();
    for (MBeanAttributeInfo attribute : server.getMBeanInfo(bean).getAttributes()) {
      text.append(attribute.getName())
          .append('=')
          .append(text(server.getAttribute(bean, attribute.getName())))
          .append('\n');
    }
    return text.toString();
  }

  private String set(ObjectName bean, String attribute, Long value)
      throws JMException, IOException {
    server.setAttribute(bean, new Attribute(attribute, value));
    return "done";
  }

  private String call(ObjectName bean, String operation, String[] arguments)
      throws JMException, IOException {
    Object[] values = Stream.of(arguments).map(RemoteClient::value).toArray();
    String[] types = Stream.of(arguments).map(RemoteClient::type).toArray(String[]::new);
    return text(server.invoke(bean, operation, values, types));
  }

  private static String type(String argument) {
    String type = argument.substring(0, argument.indexOf(':'));
    return type.equals("String") ? String.class.getName() : type;
  }

  private static Object value(String argument) {
    String value = argument.substring(argument.indexOf(':') + 1);
    return switch (type(argument)) {
      case "int" -> Integer.valueOf(value);
      case "long" -> Long.valueOf(value);
      case "double" -> Double.valueOf(value);
      default -> value;
    };
  }

  private String listen(ObjectName bean) throws JMException, IOException {
    server.addNotificationListener(bean, (told, handback) -> say(text(told)), null, null);
    return "listening";
  }

  private static String text(Notification told) {
    return "notified %s %s %d %s %s"
        .formatted(
            told.getType(),
            told.getSource(),
            told.getSequenceNumber(),
            text(told.getUserData()),
            told.getMessage());
  }

  private static String text(Object value) {
    return switch (value) {
      case null -> "null";
      case CompositeData data ->
          data.getCompositeType().keySet().stream()
              .sorted(Comparator.naturalOrder())
              .map(key -> key + "=" + text(data.get(key)))
              .collect(Collectors.joining(",", "{", "}"));
      case Object[] array ->
          Stream.of(array).map(RemoteClient::text).collect(Collectors.joining(",", "[", "]"));
      default -> value.toString();
    };
  }
}
