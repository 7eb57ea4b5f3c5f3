package io.cistern.jdk;

import java.util.TreeSet;

/**
 * Marks this process as one whose managers can be seen through JMX: a system property that holds
 * their names, separated by commas. Who looks for such a process among all those of a machine
 * ({@code cistern top}) reads it by attaching, and need not start a management agent in each.
 */
final class Marker {
  private static final TreeSet<String> NAMES = new TreeSet<>();

  private Marker() {}

  static synchronized void add(String manager) {
    NAMES.add(manager);
    System.setProperty(PoolBeans.MARKER, String.join(",", NAMES));
  }

  static synchronized void remove(String manager) {
    NAMES.remove(manager);
    if (NAMES.isEmpty()) {
      System.clearProperty(PoolBeans.MARKER);
    } else {
      System.setProperty(PoolBeans.MARKER, String.join(",", NAMES));
    }
  }
}
