package io.cistern.jdk.jfr;

import java.util.List;
import java.util.stream.Collectors;

/** Stacks that are not the event's own: one line a frame, top frame first, as throwables print. */
final class Stacks {
  private Stacks() {}

  static String text(List<StackTraceElement> stack) {
    return stack.stream().map(StackTraceElement::toString).collect(Collectors.joining("\n"));
  }
}
