package io.cistern.misuse.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The peers' table of docs/checks.md: a row for what is done, a column for each allocator. */
final class PeerTable {
  private static final String BARE = "through a bare address";
  private static final String HARMED = "**wrong**: another owner's bytes were changed";
  private static final String UNSEEN = "not seen";
  private static final String GLIBC = "The C library was glibc ";

  private final Map<PeerKind, Map<String, PeerOutcome>> outcomes;

  PeerTable(Map<PeerKind, Map<String, PeerOutcome>> outcomes) {
    this.outcomes = outcomes;
  }

  String text() {
    List<String> lines = new ArrayList<>();
    lines.add(PeerKind.versions() + ".");
    lines.add("");
    lines.add("| what is done | " + columns(PeerKind::text) + " |");
    lines.add("|---|" + "---|".repeat(PeerKind.values().length));
    for (PeerCase one : PeerMisuses.cases()) {
      lines.add("| " + one.name() + " | " + columns(kind -> of(kind, one).text()) + " |");
    }
    lines.add("");
    lines.add(GLIBC + Glibc.version() + ".");
    return String.join("\n", lines);
  }

  private static String columns(Function<PeerKind, String> cell) {
    return Stream.of(PeerKind.values()).map(cell).collect(Collectors.joining(" | "));
  }

  private PeerOutcome of(PeerKind kind, PeerCase one) {
    return Objects.requireNonNull(outcomes.get(kind))
        .getOrDefault(one.name(), PeerOutcome.NOT_APPLICABLE);
  }

  /**
   * What of a table must be the same in every run: all but the last column and the last line, which
   * are the C library's, whose behaviour is undefined here and does differ; and whether somebody
   * was harmed by what nobody noticed, which depends on what lies behind a block.
   */
  static String comparable(String table) {
    return table
        .lines()
        .filter(line -> !line.startsWith(GLIBC))
        .map(line -> line.startsWith("|") ? line.replaceFirst("\\|[^|]*\\|$", "|") : line)
        .map(line -> line.contains(BARE) ? line.replace(HARMED, UNSEEN) : line)
        .collect(Collectors.joining("\n"));
  }
}
