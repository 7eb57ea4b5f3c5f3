package io.cistern.cli;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Takes the place of the log: warnings become lines on the display, so that they do not tear the
 * live table. What is less than a warning is not shown, nor is what the table shows anyway: that a
 * pool is exhausted.
 */
final class Notices extends Handler {
  /** The log of core and of this command's own rooms; held here because loggers are held weakly. */
  private static final Logger CORE = Logger.getLogger("io.cistern");

  private static final Logger GATEWAY = Logger.getLogger("io.cistern.gateway");
  private static final Logger MONITOR = Logger.getLogger("io.cistern.monitor");
  private static final Logger MQTT = Logger.getLogger("io.cistern.mqtt");

  private final SimpleFormatter formatter = new SimpleFormatter();
  private final Consumer<String> display;

  private Notices(Consumer<String> display) {
    this.display = display;
  }

  /** Sends all warnings of this process to a display from now on. */
  static void to(Consumer<String> display) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    CORE.setLevel(Level.SEVERE);
    GATEWAY.setLevel(Level.WARNING);
    MONITOR.setLevel(Level.WARNING);
    MQTT.setLevel(Level.WARNING);
    root.addHandler(new Notices(display));
  }

  @Override
  public void publish(LogRecord logged) {
    if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
      Throwable thrown = logged.getThrown();
      String cause = thrown == null ? "" : ": " + thrown;
      display.accept(
          logged.getLevel().getName().toLowerCase(Locale.ROOT)
              + ": "
              + formatter.formatMessage(logged)
              + cause);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
