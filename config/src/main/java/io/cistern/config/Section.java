package io.cistern.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One section of a profile, read key by key.
 *
 * <p>A value that is missing, of the wrong type or out of range is recorded with its place and its
 * rule, and reading goes on, so that one pass finds everything. What a refused value is read as
 * does not matter, because the section is not {@linkplain #sound() sound} any more, nor are those
 * around it, and nothing is built from an unsound one.
 *
 * <p>A key is known once it has been asked for; {@link #end()} refuses all others. So the reading
 * code is the whole schema: there is no second list of keys to keep in step with it.
 */
final class Section {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  private final Entry self;
  private final ConfigObject values;
  private final Set<String> known = new TreeSet<>();
  private boolean sound = true;

  Section(Entry self, ConfigObject values) {
    this.self = self;
    this.values = values;
  }

  /** The outermost section of a profile. */
  static Section root(ConfigObject values, Problems problems) {
    return new Section(new Entry(problems, null, "", values.origin(), values), values);
  }

  /** What stands under a key, if anything does. */
  Entry at(String key) {
    known.add(key);
    return entry(key);
  }

  /** All keys, in the order of the file; those that overrides added come last. */
  List<String> keys() {
    return values.entrySet().stream()
        .sorted(Comparator.comparingInt(Section::line).thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * What stands under the keys of a section whose keys are names: all of them, in the order of the
   * file, without those that no such thing may have, which are refused.
   *
   * @param what is named, with an article, such as "a pool"
   */
  Map<String, Entry> named(String what) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String name : keys()) {
      Entry at = at(name);
      if (NAME.matcher(name).matches()) {
        entries.put(name, at);
      } else {
        at.refuse(what + "'s name must be a letter followed by letters, digits, '-' or '_'");
      }
    }
    return entries;
  }

  private static int line(Map.Entry<String, ConfigValue> entry) {
    int line = entry.getValue().origin().lineNumber();
    return line > 0 ? line : Integer.MAX_VALUE;
  }

  private Entry entry(String key) {
    String path = self.path().isEmpty() ? key : self.path() + "." + key;
    return new Entry(self.problems(), this, path, values.origin(), values.get(key));
  }

  /**
   * Refuses every key that was not asked for. They do no harm to the rest, so the section stays as
   * sound as it was.
   */
  void end() {
    values.keySet().stream().filter(key -> !known.contains(key)).sorted().forEach(this::unknown);
  }

  private void unknown(String key) {
    String hint = Spelling.hint(key, known);
    entry(key).refuseKey("unknown key%s Known here: %s".formatted(hint, String.join(", ", known)));
  }

  /** Whether no value in this section or below it has been refused so far. */
  boolean sound() {
    return sound;
  }

  /** Marks this section, and those around it, as not sound. */
  void spoil() {
    for (Section section = this; section != null; section = section.self.parent()) {
      section.sound = false;
    }
  }
}
