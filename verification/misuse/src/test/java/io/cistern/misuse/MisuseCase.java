package io.cistern.misuse;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * One way to misuse a pool, as data.
 *
 * @param group the part of the table
 * @param row what is done: a row of the table
 * @param variant how it is done; variants of a row share it when the same becomes of them
 * @param misuse does it
 * @param expected what should become of it at each level
 * @param exceptions what should become of it in pools of some kinds instead
 * @param kinds the kinds of pool in which it can be done
 * @param beyond why some level that promises to see it cannot; empty for nearly all
 */
record MisuseCase(
    Group group,
    String row,
    String variant,
    Misuse misuse,
    Expected expected,
    Map<PoolKind, Expected> exceptions,
    Set<PoolKind> kinds,
    String beyond) {

  /** Done in pools of every kind. */
  static MisuseCase of(Group group, String row, String variant, Expected expected, Misuse misuse) {
    return new MisuseCase(
        group, row, variant, misuse, expected, Map.of(), EnumSet.allOf(PoolKind.class), "");
  }

  /** Something else becomes of it in pools of some kinds. */
  MisuseCase except(Expected other, PoolKind... in) {
    Map<PoolKind, Expected> all = new EnumMap<>(PoolKind.class);
    all.putAll(exceptions);
    for (PoolKind kind : in) {
      all.put(kind, other);
    }
    return new MisuseCase(group, row, variant, misuse, expected, all, kinds, beyond);
  }

  /** Done in pools of these kinds alone. */
  MisuseCase in(Set<PoolKind> only) {
    return new MisuseCase(group, row, variant, misuse, expected, exceptions, only, beyond);
  }

  /** Not in pools of these kinds. */
  MisuseCase notIn(PoolKind... without) {
    Set<PoolKind> rest = EnumSet.copyOf(kinds);
    rest.removeAll(Set.of(without));
    return in(rest);
  }

  /** Says why it is more than a level that promises to see such misuse can see. */
  MisuseCase beyond(String reason) {
    return new MisuseCase(group, row, variant, misuse, expected, exceptions, kinds, reason);
  }

  /** What should become of it in a pool of that kind. */
  Expected expectedIn(PoolKind kind) {
    return exceptions.getOrDefault(kind, expected);
  }

  /** Unique in the suite. */
  String name() {
    return group + ": " + row + (variant.isEmpty() ? "" : ", " + variant);
  }
}
