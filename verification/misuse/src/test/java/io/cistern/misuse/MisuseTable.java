package io.cistern.misuse;

import io.cistern.CheckLevel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of docs/checks.md: a row for what is done, with all variants of which the same becomes,
 * and a column for each level.
 */
final class MisuseTable {
  private final Observations observations;

  MisuseTable(Observations observations) {
    this.observations = observations;
  }

  String text() {
    List<String> lines = new ArrayList<>();
    lines.addAll(summary());
    lines.add("");
    lines.add("| what is done | how | STANDARD | CHECKED | GUARDED |");
    lines.add("|---|---|---|---|---|");
    for (Group group : Group.values()) {
      Map<String, List<String>> rows = rows(group);
      if (!rows.isEmpty()) {
        lines.add("| **" + group.title() + "** | | | | |");
        rows.forEach((row, variants) -> lines.add(row.formatted(variants(variants))));
      }
    }
    lines.add("");
    lines.addAll(beyond());
    return String.join("\n", lines);
  }

  private static String variants(List<String> variants) {
    return String.join(", ", new LinkedHashSet<>(variants));
  }

  /** By what comes before and behind the variants, which stand for %s. */
  private Map<String, List<String>> rows(Group group) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (MisuseCase one : observations.cases()) {
      if (one.group() == group) {
        String row = "| " + one.row() + " | %s | " + cells(one) + " |";
        rows.computeIfAbsent(row, first -> new ArrayList<>()).add(one.variant());
      }
    }
    return rows;
  }

  private String cells(MisuseCase one) {
    return Stream.of(CheckLevel.values())
        .map(level -> cell(observations.of(one, level)))
        .collect(Collectors.joining(" | "));
  }

  /** What becomes of it in most kinds of pool, then the others. */
  private static String cell(Map<PoolKind, Outcome> outcomes) {
    Map<Outcome, List<String>> kinds = new LinkedHashMap<>();
    outcomes.forEach((kind, outcome) ->
        kinds.computeIfAbsent(outcome, first -> new ArrayList<>()).add(kind.text()));
    int most = Collections.max(kinds.values().stream().map(List::size).toList());
    StringBuilder usual = new StringBuilder();
    StringBuilder others = new StringBuilder();
    kinds.forEach((outcome, in) -> {
      if (in.size() == most && usual.isEmpty()) {
        usual.append(outcome.text());
      } else {
        others.append("; ").append(String.join(", ", in)).append(": ").append(outcome.text());
      }
    });
    return usual.append(others).toString();
  }

  private List<String> summary() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d cases, each in every kind of pool where it can be done (%s). A case counts by the kind"
                .formatted(observations.cases().size(), kinds())
            + " that notices it last:");
    lines.add("");
    lines.add("| level | thrown | reported | not seen |");
    lines.add("|---|---|---|---|");
    for (CheckLevel level : CheckLevel.values()) {
      long thrown = count(level, Seen.THROWN);
      long unseen = count(level, Seen.NOT_SEEN);
      long reported = observations.cases().size() - thrown - unseen;
      lines.add("| %s | %d | %d | %d |".formatted(level, thrown, reported, unseen));
    }
    return lines;
  }

  private static String kinds() {
    return Stream.of(PoolKind.values()).map(PoolKind::text).collect(Collectors.joining(", "));
  }

  private long count(CheckLevel level, Seen seen) {
    return observations.cases().stream()
        .filter(one -> observations.latest(one, level) == seen)
        .count();
  }

  /** What is promised by a level, and is more than can be done. */
  private List<String> beyond() {
    Map<String, Set<String>> reasons = new LinkedHashMap<>();
    for (MisuseCase one : observations.cases()) {
      if (!one.beyond().isEmpty()) {
        reasons
            .computeIfAbsent(one.beyond(), first -> new LinkedHashSet<>())
            .add(one.row().replaceFirst(",? through .*", ""));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "What a level is asked to see and cannot, since no check could tell it from what is right:");
    lines.add("");
    reasons.forEach(
        (reason, rows) -> lines.add("- " + reason + " (" + String.join("; ", rows) + ")."));
    return lines;
  }
}
