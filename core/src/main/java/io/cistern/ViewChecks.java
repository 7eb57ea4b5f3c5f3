package io.cistern;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.PaddingLayout;
import java.util.HashSet;
import java.util.Set;

/** What an interface and a layout must be like for a view, whatever their members are. */
final class ViewChecks {
  private ViewChecks() {}

  static void check(Class<?> type, GroupLayout layout) {
    if (!type.isInterface() || type.isAnnotation()) {
      throw refused(type, "is no interface: give one whose methods are named as the members");
    }
    if (type.getTypeParameters().length > 0) {
      throw refused(
          type,
          "is generic, in %d type parameters: members are of fixed types, so it must have none"
              .formatted(type.getTypeParameters().length));
    }
    if (type.isSealed() || type.isHidden()) {
      throw refused(
          type,
          "is %s: nothing can be generated that implements it"
              .formatted(type.isSealed() ? "sealed" : "hidden"));
    }
    checkNames(type, layout);
  }

  private static void checkNames(Class<?> type, GroupLayout layout) {
    if (layout.byteSize() == 0) {
      throw refused(type, "has a layout of 0 B: an object takes at least 1");
    }
    Set<String> names = new HashSet<>();
    for (MemoryLayout member : layout.memberLayouts()) {
      String name = member.name().orElse("");
      if (!name.isEmpty() && !(member instanceof PaddingLayout) && !names.add(name)) {
        throw refused(
            type, "has a layout with two members '%s': names must differ".formatted(name));
      }
    }
  }

  /** What is wrong with an interface as a whole. */
  static IllegalArgumentException refused(Class<?> type, String what) {
    return new IllegalArgumentException(type.getName() + " " + what);
  }
}
