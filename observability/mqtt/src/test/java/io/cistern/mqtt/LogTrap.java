package io.cistern.mqtt;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.awaitility.Awaitility;

/** What the whole process logs, libraries too, while it is open. */
final class LogTrap extends Handler implements AutoCloseable {
  private final Logger root = Logger.getLogger("");
  private final SimpleFormatter formatter = new SimpleFormatter();
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();

  LogTrap() {
    root.addHandler(this);
  }

  @Override
  public void publish(LogRecord logged) {
    lines.add(formatter.format(logged));
  }

  String text() {
    return String.join("", lines);
  }

  void await(String part) {
    Awaitility.await().atMost(Subscriber.PATIENCE).until(() -> text().contains(part));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
  }
}
