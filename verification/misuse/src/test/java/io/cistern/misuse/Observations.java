package io.cistern.misuse;

import io.cistern.CheckLevel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What became of each case, at each level, in each kind of pool: run, not looked up. */
final class Observations {
  private final Map<MisuseCase, Map<CheckLevel, Map<PoolKind, Outcome>>> outcomes =
      new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();

  private Observations() {}

  /** Runs everything: some 6,000 fresh pools. */
  static Observations of(List<MisuseCase> cases, Path scratch) {
    Observations all = new Observations();
    for (MisuseCase one : cases) {
      for (CheckLevel level : CheckLevel.values()) {
        for (PoolKind kind : one.kinds()) {
          all.run(one, kind, level, scratch);
        }
      }
    }
    return all;
  }

  private void run(MisuseCase one, PoolKind kind, CheckLevel level, Path scratch) {
    try {
      outcomes
          .computeIfAbsent(one, first -> new EnumMap<>(CheckLevel.class))
          .computeIfAbsent(level, first -> new EnumMap<>(PoolKind.class))
          .put(kind, MisuseSuite.run(one, kind, level, scratch));
    } catch (Exception | AssertionError failed) {
      failures.add("%s, %s, %s: %s".formatted(one.name(), level, kind.text(), failed));
    }
  }

  /** One line for each run that could not be set up, or after which something else was wrong. */
  List<String> failures() {
    return failures;
  }

  List<MisuseCase> cases() {
    return List.copyOf(outcomes.keySet());
  }

  /** By kind of pool. */
  Map<PoolKind, Outcome> of(MisuseCase one, CheckLevel level) {
    return Objects.requireNonNull(outcomes.get(one)).getOrDefault(level, Map.of());
  }

  /** When the kind of pool that notices it last does so; never, where nothing could be run. */
  Seen latest(MisuseCase one, CheckLevel level) {
    return of(one, level).values().stream()
        .map(Outcome::seen)
        .max(Seen::compareTo)
        .orElse(Seen.NOT_SEEN);
  }

  /** One line for each outcome that is not what should become of its case. */
  List<String> unexpected(MisuseCase one) {
    List<String> lines = new ArrayList<>();
    for (CheckLevel level : CheckLevel.values()) {
      of(one, level)
          .forEach((kind, outcome) -> {
            Outcome expected = one.expectedIn(kind).at(level);
            if (!outcome.equals(expected)) {
              lines.add(
                  "%s, %s: %s instead of %s"
                      .formatted(level, kind.text(), outcome.text(), expected.text()));
            }
          });
    }
    return lines;
  }
}
