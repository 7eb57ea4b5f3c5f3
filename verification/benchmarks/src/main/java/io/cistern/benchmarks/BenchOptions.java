package io.cistern.benchmarks;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.report.PageSection;
import io.cistern.benchmarks.subject.Subject;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import joptsimple.ArgumentAcceptingOptionSpec;
import joptsimple.OptionException;
import joptsimple.OptionParser;
import joptsimple.OptionSet;
import joptsimple.OptionSpec;
import org.jspecify.annotations.Nullable;

/**
 * What a run is asked for. {@code cistern bench --help} explains the options; here they are
 * checked, all of them before the first fork, so that no hour of measuring is lost to a misspelt
 * folder.
 *
 * @param quick whether one minute must do
 * @param patterns that are measured
 * @param subjects that are measured
 * @param forks of each cell
 * @param json where the JSON goes: a file, or {@code -} for standard output
 * @param charts folder for the charts
 * @param docs page that gets the figures
 */
record BenchOptions(
    boolean quick,
    Set<Pattern> patterns,
    Set<Subject> subjects,
    int forks,
    Optional<String> json,
    Optional<Path> charts,
    Optional<Path> docs) {
  static final String STDOUT = "-";
  private static final int FORKS = 3;
  private static final int MOST_FORKS = 100;

  /** The command line cannot be followed; the message is for the user. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  static BenchOptions parse(String... args) throws UsageException {
    OptionParser parser = new OptionParser();
    OptionSpec<Void> quick = parser.accepts("quick");
    ArgumentAcceptingOptionSpec<String> only = list(parser, "only");
    ArgumentAcceptingOptionSpec<String> subjects = list(parser, "subjects");
    OptionSpec<String> forks = parser.accepts("forks").withRequiredArg();
    OptionSpec<String> json = parser.accepts("json").withRequiredArg();
    OptionSpec<String> charts = parser.accepts("charts").withRequiredArg();
    OptionSpec<String> docs = parser.accepts("docs").withRequiredArg();
    OptionSet given;
    try {
      given = parser.parse(args);
    } catch (OptionException wrong) {
      throw new UsageException(String.valueOf(wrong.getMessage()));
    }
    if (!given.nonOptionArguments().isEmpty()) {
      throw new UsageException(
          "no arguments are taken beside the options, but there is "
              + given.nonOptionArguments().getFirst());
    }
    BenchOptions options =
        new BenchOptions(
            given.has(quick),
            chosen(given.valuesOf(only), "--only", "pattern", Pattern.values(), Pattern::id),
            chosen(
                given.valuesOf(subjects), "--subjects", "subject", Subject.values(), Subject::id),
            forks(given.valueOf(forks)),
            Optional.ofNullable(given.valueOf(json)),
            path(given.valueOf(charts), "--charts"),
            path(given.valueOf(docs), "--docs"));
    options.check(given.has(forks));
    return options;
  }

  private static ArgumentAcceptingOptionSpec<String> list(OptionParser parser, String name) {
    return parser.accepts(name).withRequiredArg().withValuesSeparatedBy(',');
  }

  /** The named ones, or all when none is named. */
  private static <E extends Enum<E>> Set<E> chosen(
      List<String> ids, String option, String kind, E[] all, Function<E, String> id)
      throws UsageException {
    if (ids.isEmpty()) {
      return Set.of(all);
    }
    EnumSet<E> chosen = EnumSet.noneOf(all[0].getDeclaringClass());
    for (String wanted : ids) {
      chosen.add(
          Arrays.stream(all)
              .filter(candidate -> id.apply(candidate).equals(wanted))
              .findFirst()
              .orElseThrow(() ->
                  new UsageException(
                      "%s %s: no such %s; there are: %s"
                          .formatted(
                              option,
                              wanted,
                              kind,
                              Arrays.stream(all).map(id).collect(Collectors.joining(", "))))));
    }
    return chosen;
  }

  private static int forks(@Nullable String text) throws UsageException {
    if (text == null) {
      return FORKS;
    }
    try {
      int forks = Integer.parseInt(text);
      if (forks >= 1 && forks <= MOST_FORKS) {
        return forks;
      }
    } catch (NumberFormatException noNumber) {
      // refused below
    }
    throw new UsageException(
        "--forks %s: a number from 1 to %d is needed".formatted(text, MOST_FORKS));
  }

  private static Optional<Path> path(@Nullable String text, String option) throws UsageException {
    try {
      return Optional.ofNullable(text).map(Path::of);
    } catch (InvalidPathException wrong) {
      throw new UsageException(
          "%s %s: is no file name: %s".formatted(option, text, wrong.getReason()));
    }
  }

  private void check(boolean forksGiven) throws UsageException {
    if (quick && !patterns.contains(Pattern.PAIR)) {
      throw new UsageException("--quick measures the pattern pair alone, which --only leaves out");
    }
    if (quick && forksGiven) {
      throw new UsageException("--quick has one fork of each; --forks cannot be given with it");
    }
    Optional<Path> file =
        json.filter(target -> !target.equals(STDOUT)).isPresent()
            ? path(json.get(), "--json")
            : Optional.empty();
    if (file.isPresent()) {
      checkFile("--json", file.get());
    }
    if (charts.isPresent() && Files.exists(charts.get()) && !Files.isDirectory(charts.get())) {
      throw new UsageException(
          "--charts %s: is a file, a folder is needed".formatted(charts.get()));
    }
    if (docs.isPresent()) {
      Optional<String> problem = PageSection.problem(docs.get());
      if (problem.isPresent()) {
        throw new UsageException("--docs %s: %s".formatted(docs.get(), problem.get()));
      }
    }
  }

  private static void checkFile(String option, Path file) throws UsageException {
    if (Files.isDirectory(file)) {
      throw new UsageException("%s %s: is a folder, a file is needed".formatted(option, file));
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new UsageException("%s %s: there is no folder %s".formatted(option, file, folder));
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new UsageException("%s %s: cannot be written".formatted(option, file));
    }
  }
}
