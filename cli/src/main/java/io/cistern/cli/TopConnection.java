package io.cistern.cli;

import io.cistern.ManagerStats;
import io.cistern.jdk.LeakSite;
import io.cistern.jdk.PoolManagerMXBean;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.net.MalformedURLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * The bean of one manager in another process. Each reading is one round trip; one that fails says
 * that the process is gone, whatever the way in which it fails. Safe for use by several threads.
 */
final class TopConnection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final ObjectName MANAGERS = managers();

  private final String target;
  private final JMXConnector connector;
  private final PoolManagerMXBean manager;

  private TopConnection(String target, JMXConnector connector, PoolManagerMXBean manager) {
    this.target = target;
    this.connector = connector;
    this.manager = manager;
  }

  private static ObjectName managers() {
    try {
      return new ObjectName("io.cistern:type=PoolManager,name=*");
    } catch (MalformedObjectNameException wrong) {
      throw new IllegalStateException(wrong);
    }
  }

  /** The process went away, or its beans did. */
  static final class GoneException extends Exception {
    private static final long serialVersionUID = 1L;

    GoneException(String target, Throwable cause) {
      super(target + " is gone: " + message(cause), cause);
    }
  }

  /**
   * Connects to a process of this machine.
   *
   * @param manager name of the manager; null for the only one
   */
  static TopConnection toProcess(TopProcesses.Found process, @Nullable String manager) {
    return open("process " + process, TopProcesses.address(process), manager);
  }

  /**
   * Connects to where a process was told to listen.
   *
   * @param hostAndPort as in {@code localhost:9010}
   * @throws UsageException when nobody answers there, or it has no manager
   */
  static TopConnection toPort(String hostAndPort, @Nullable String manager) {
    try {
      return open(
          hostAndPort,
          new JMXServiceURL("service:jmx:rmi:///jndi/rmi://" + hostAndPort + "/jmxrmi"),
          manager);
    } catch (MalformedURLException wrong) {
      throw new UsageException("--jmx %s: %s".formatted(hostAndPort, wrong.getMessage()));
    }
  }

  private static TopConnection open(String target, JMXServiceURL address, @Nullable String name) {
    JMXConnector connector;
    try {
      connector = Patience.within(PATIENCE, () -> connect(address));
    } catch (IOException | SecurityException refused) {
      throw new UsageException("%s does not let us in: %s".formatted(target, message(refused)));
    }
    try {
      return Patience.within(PATIENCE, () -> choose(target, connector, name));
    } catch (IOException refused) {
      throw new UsageException("%s does not answer: %s".formatted(target, message(refused)));
    }
  }

  @SuppressWarnings("BanJNDI") // the address is what the user asks for, or the JDK's own
  private static JMXConnector connect(JMXServiceURL address) throws IOException {
    return JMXConnectorFactory.connect(address);
  }

  private static TopConnection choose(String target, JMXConnector connector, @Nullable String name)
      throws IOException {
    MBeanServerConnection server = connector.getMBeanServerConnection();
    Map<String, ObjectName> managers = new TreeMap<>();
    for (ObjectName bean : server.queryNames(MANAGERS, null)) {
      String key = bean.getKeyProperty("name");
      managers.put(key.startsWith("\"") ? ObjectName.unquote(key) : key, bean);
    }
    ObjectName chosen =
        name == null && managers.size() == 1
            ? managers.values().iterator().next()
            : managers.get(Objects.requireNonNullElse(name, ""));
    if (chosen == null) {
      connector.close();
      throw new UsageException(unclear(target, managers.keySet(), name));
    }
    return new TopConnection(
        target, connector, JMX.newMXBeanProxy(server, chosen, PoolManagerMXBean.class));
  }

  private static String unclear(String target, Set<String> managers, @Nullable String name) {
    if (managers.isEmpty()) {
      return "%s has no manager to look at: the program must call PoolBeans.register(manager)"
          .formatted(target);
    }
    String there = Printable.of(String.join(", ", managers));
    return name == null
        ? "%s has several managers; choose one with --manager: %s".formatted(target, there)
        : "%s has no manager '%s'; there are: %s".formatted(target, name, there);
  }

  /** What is looked at, for people. */
  String target() {
    return target;
  }

  ManagerStats stats() throws GoneException {
    return ask(PoolManagerMXBean::getStats);
  }

  /** The places that hold most of what is live now. */
  List<LeakSite> topSites(int most) throws GoneException {
    return ask(bean -> bean.topSites(0, most));
  }

  /** Whatever else the bean has. */
  <T> T ask(Function<PoolManagerMXBean, T> question) throws GoneException {
    try {
      return question.apply(manager);
    } catch (UndeclaredThrowableException failed) { // the proxy's, for what the connection throws
      throw new GoneException(target, failed.getUndeclaredThrowable());
    } catch (RuntimeException failed) {
      throw new GoneException(target, failed);
    }
  }

  private static String message(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = Objects.toString(root.getMessage(), root.getClass().getSimpleName());
    return Printable.of(text.lines().findFirst().orElse(text));
  }

  /** Says goodbye; a process that does not answer is not waited for. */
  @Override
  public void close() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            connector.close();
          } catch (IOException gone) {
            // then it knows
          }
        });
  }
}
