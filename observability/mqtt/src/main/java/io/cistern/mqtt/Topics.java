package io.cistern.mqtt;

import java.util.regex.Pattern;

/**
 * The topics of one node: {@code ROOT/NODE/state} and its sisters, as docs/mqtt.md lists them.
 *
 * @param root the levels before the node's name
 * @param node name of the node
 */
record Topics(String root, String node) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern LEVELS =
      Pattern.compile("[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64}){0,7}");
  private static final int LONGEST = 512;

  /** Refuses names that would not be one topic level, or would need escaping. */
  Topics {
    require("node", node, NAME, "1 to 64 letters, digits, '.', '_' or '-' are allowed");
    require("root", root, LEVELS, "up to 8 such names as a node may have, with '/' between");
  }

  private static void require(String what, String value, Pattern form, String allowed) {
    if (!form.matcher(value).matches()) {
      throw new IllegalArgumentException("%s '%s': %s".formatted(what, value, allowed));
    }
  }

  String state() {
    return of("state");
  }

  String config() {
    return of("config");
  }

  String health() {
    return of("health");
  }

  String event() {
    return of("event");
  }

  String command() {
    return of("command");
  }

  String reply() {
    return of("reply");
  }

  private String of(String leaf) {
    return root + '/' + node + '/' + leaf;
  }

  /**
   * Whether a reply may go to a topic: not to where nodes speak or listen, so that nobody can have
   * one node speak for another, nor send a reply round in circles.
   */
  boolean isForReplies(String topic) {
    return topic.length() <= LONGEST && (!topic.startsWith(root + '/') || topic.endsWith("/reply"));
  }
}
