package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.echo.EchoServer;
import io.cistern.benchmarks.subject.Sizes;
import io.cistern.benchmarks.subject.Subject;
import io.cistern.benchmarks.subject.Subject.Part;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Everything that is done with a subject, in the order of reports. */
@SuppressWarnings("ImmutableEnumChecker") // the collections are not changed
public enum Pattern {
  /** Allocate, write one byte, free. */
  PAIR(
      PairBenchmark.class,
      "allocate, write one byte, free; geometric mean over the sizes",
      EnumSet.of(Part.EVERYTHING, Part.OWN_THREAD, Part.PAIRS),
      1,
      2,
      4,
      8),
  /** Many of one size. */
  BATCH(
      BatchBenchmark.class,
      "64 live of 1 KB, one byte written each, freed in random order",
      EnumSet.of(Part.EVERYTHING, Part.OWN_THREAD, Part.BATCHES),
      1,
      2,
      4,
      8),
  /** Many of all sizes. */
  MIXED(
      MixedBenchmark.class,
      "64 live of sizes from 1 B to 64 KB; one freed at random, another size allocated",
      EnumSet.of(Part.EVERYTHING, Part.OWN_THREAD),
      1,
      2,
      4,
      8),
  /** Freed elsewhere. */
  HANDOFF(
      HandoffBenchmark.class,
      "1 KB allocated and written by one thread, freed by another",
      EnumSet.of(Part.EVERYTHING),
      2),
  /** No block is free. */
  REFUSED(
      RefusedBenchmark.class,
      "a request to a pool of which every block is taken",
      EnumSet.noneOf(Part.class),
      1,
      2),
  /** A snapshot. */
  STATS(
      StatsBenchmark.class,
      "statistics snapshot of a pool of five tiers",
      EnumSet.noneOf(Part.class),
      1),
  /** A snapshot of everything. */
  SNAPSHOT(
      SnapshotBenchmark.class,
      "statistics snapshot of a manager of 20 pools with 100,000 blocks in use",
      EnumSet.noneOf(Part.class),
      1),
  /** Two figures. */
  USAGE(
      UsageBenchmark.class,
      "used and free blocks of one tier of a pool of five",
      EnumSet.noneOf(Part.class),
      1),
  /** The JDK's own interface. */
  ARENA(
      ArenaBenchmark.class,
      "open an arena, allocate, write one byte, close; geometric mean over the sizes",
      EnumSet.of(Part.ARENAS),
      1,
      2),
  /** Percentiles. */
  LATENCY(
      LatencyBenchmark.class,
      "the mixed pattern at 100,000 steps a second, timed from when a step was due",
      EnumSet.of(Part.EVERYTHING, Part.OWN_THREAD),
      1),
  /** End to end. */
  ECHO(
      EchoBenchmark.class,
      "an HTTP request of 4 KB over loopback and its answer; 16 connections, one client thread",
      EnumSet.of(Part.EVERYTHING),
      1);

  private final Class<?> benchmark;
  private final String description;
  private final Set<Part> parts;
  private final List<Integer> threads;

  Pattern(Class<?> benchmark, String description, Set<Part> parts, Integer... threads) {
    this.benchmark = benchmark;
    this.description = description;
    this.parts = parts;
    this.threads = List.of(threads);
  }

  /**
   * The pattern of a name.
   *
   * @param id as {@link #id()} gives it
   * @return the pattern, or nothing
   */
  public static Optional<Pattern> of(String id) {
    return Arrays.stream(values()).filter(pattern -> pattern.id().equals(id)).findFirst();
  }

  /**
   * All names, for messages.
   *
   * @return separated by commas
   */
  public static String ids() {
    return Arrays.stream(values()).map(Pattern::id).collect(Collectors.joining(", "));
  }

  /**
   * The name in reports and on the command line.
   *
   * @return such as {@code pair}
   */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What one operation is.
   *
   * @return a phrase
   */
  public String description() {
    return description;
  }

  /**
   * The one JMH benchmark of this pattern.
   *
   * @return a regular expression that matches its full name alone
   */
  public String include() {
    return "^" + java.util.regex.Pattern.quote(benchmark.getName() + "." + id()) + "$";
  }

  /**
   * Who takes part.
   *
   * @return subjects in the order of reports
   */
  public List<Subject> subjects() {
    return Arrays.stream(Subject.values()).filter(this::takes).toList();
  }

  private boolean takes(Subject subject) {
    if (this == ECHO) {
      return EchoServer.serves(subject);
    }
    return parts.isEmpty()
        ? subject == Subject.CISTERN_SHARED
            || (subject == Subject.CISTERN_CONFINED && this != SNAPSHOT)
        : parts.contains(subject.part()) || (this == ARENA && subject == Subject.ARENA_CONFINED);
  }

  /**
   * With how many threads.
   *
   * @param subject one that takes part
   * @return ascending; a refusing pool that is confined has but one thread
   */
  public List<Integer> threads(Subject subject) {
    return parts.isEmpty() && subject == Subject.CISTERN_CONFINED ? List.of(1) : threads;
  }

  /**
   * Whether single operations are timed too.
   *
   * @return true when there are percentiles
   */
  public boolean hasLatencies() {
    return this == LATENCY || this == ECHO;
  }

  /**
   * The one size of all allocations.
   *
   * @return bytes, or nothing where sizes are many or none
   */
  public Optional<Integer> size() {
    return this == BATCH || this == HANDOFF ? Optional.of(Sizes.MIDDLE) : Optional.empty();
  }
}
