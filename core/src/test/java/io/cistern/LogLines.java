package io.cistern;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What goes to the log of Cistern while this is open, and not to the console meanwhile. By
 * reflection, because core does not read {@code java.logging}, so neither do its tests.
 */
final class LogLines implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Object logger;

  LogLines() {
    try {
      logger =
          Class.forName("java.util.logging.Logger")
              .getMethod("getLogger", String.class)
              .invoke(null, "io.cistern");
      Class<?> filter = Class.forName("java.util.logging.Filter");
      filter(
          Proxy.newProxyInstance(
              LogLines.class.getClassLoader(),
              new Class<?>[] {filter},
              (proxy, method, arguments) -> keep(arguments[0])));
    } catch (ReflectiveOperationException absent) {
      throw new IllegalStateException(absent);
    }
  }

  /** Takes a line away from the console. */
  private boolean keep(Object line) throws ReflectiveOperationException {
    lines.add(get(line, "getLevel") + " " + get(line, "getMessage"));
    return false;
  }

  private static Object get(Object line, String what) throws ReflectiveOperationException {
    Method method = Class.forName("java.util.logging.LogRecord").getMethod(what);
    return method.invoke(line);
  }

  private void filter(@Nullable Object filter) throws ReflectiveOperationException {
    Class.forName("java.util.logging.Logger")
        .getMethod("setFilter", Class.forName("java.util.logging.Filter"))
        .invoke(logger, filter);
  }

  /** The lines that contain a text, in the order in which they came. */
  List<String> with(String text) {
    return lines.stream().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void close() {
    try {
      filter(null);
    } catch (ReflectiveOperationException absent) {
      throw new IllegalStateException(absent);
    }
  }
}
