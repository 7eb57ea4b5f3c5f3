package io.cistern.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import io.cistern.config.ProfileException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with one profile, so that it can be refused once, with everything. */
final class Problems {
  private static final Comparator<Problem> BY_LINE =
      Comparator.comparingInt(problem -> problem.line() > 0 ? problem.line() : Integer.MAX_VALUE);

  private final String file;
  private final List<String> overrides;
  private final List<Problem> found = new ArrayList<>();

  /**
   * Starts with none. The overrides are those that were put over the file, as origins name them.
   */
  Problems(String file, List<String> overrides) {
    this.file = file;
    this.overrides = overrides;
  }

  /**
   * Records a problem where a value came from: a line of the file, or the property or variable that
   * set it.
   */
  void add(ConfigOrigin origin, String key, @Nullable ConfigValue value, String rule) {
    boolean inFile = origin.lineNumber() > 0;
    String source = inFile ? file : origin.description();
    int line = inFile ? origin.lineNumber() : 0;
    found.add(new Problem(source, line, key, value == null ? null : Values.show(value), rule));
  }

  /**
   * Records that a value does not go together with others. Since the fault may lie with one of
   * those, the overrides are named that may have changed them.
   */
  void addConflict(ConfigOrigin origin, String key, @Nullable ConfigValue value, String rule) {
    List<String> others =
        overrides.stream().filter(name -> !name.equals(origin.description())).toList();
    add(
        origin,
        key,
        value,
        others.isEmpty() ? rule : rule + "; overridden by " + String.join(", ", others));
  }

  /** Throws when there is a problem: those of the file in its order, then those of overrides. */
  void orThrow() {
    if (!found.isEmpty()) {
      throw new ProfileException(found.stream().sorted(BY_LINE).toList());
    }
  }
}
