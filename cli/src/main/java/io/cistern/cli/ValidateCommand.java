package io.cistern.cli;

import io.cistern.acceptance.Acceptance;
import io.cistern.acceptance.AcceptanceListener;
import io.cistern.acceptance.Limit;
import io.cistern.acceptance.Report;
import io.cistern.acceptance.Result;
import io.cistern.acceptance.Suite;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the acceptance suites: a line a check with its figure, as it comes, and a summary. The lines
 * go to standard output, or to standard error when the report goes to standard output. {@code
 * docs/validate.md} documents the report.
 */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = "Checks the profiles against what the reference systems ask for.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:every check passed", "1:a check failed", "2:wrong usage"})
final class ValidateCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String STDOUT = "-";

  /** Where core logs; held, since loggers that nobody holds lose their level. */
  private static final Logger POOLS = Logger.getLogger("io.cistern");

  private final Suites suites;
  private final Charset charset;

  @Spec private CommandSpec spec;

  @Option(
      names = "--profile",
      paramLabel = "NAME|all",
      defaultValue = ALL,
      description = "The profile whose suite runs (default: ${DEFAULT-VALUE}).")
  private String profile;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Writes a report as JSON; '-' is standard output.")
  private @Nullable String json;

  /**
   * Runs suites; stands between this command and {@link Acceptance}, so that tests can let checks
   * fail.
   */
  @FunctionalInterface
  interface Suites {
    Report run(Collection<String> profiles, AcceptanceListener listener);
  }

  ValidateCommand() {
    this(Acceptance::run, System.out.charset());
  }

  @SuppressWarnings("NullAway.Init") // picocli sets spec and profile
  ValidateCommand(Suites suites, Charset charset) {
    this.suites = suites;
    this.charset = charset;
  }

  @Override
  public Integer call() {
    List<String> profiles = chosenProfiles();
    Path file = reportFile();
    CommandLine line = spec.commandLine();
    PrintWriter lines = STDOUT.equals(json) ? line.getErr() : line.getOut();
    boolean terminal = line.getColorScheme().ansi().enabled();
    POOLS.setLevel(Level.OFF); // what checks provoke is in their lines
    Report report = suites.run(profiles, new Lines(lines, terminal, charset));
    lines.printf(
        Locale.ROOT,
        "%n%d checks: %d passed, %d failed, in %.1f s%n",
        report.results().size(),
        report.passed(),
        report.failed(),
        report.took().toMillis() / 1e3);
    lines.flush();
    write(report, file);
    return report.ok() ? 0 : 1;
  }

  private List<String> chosenProfiles() {
    if (profile.equals(ALL)) {
      return Acceptance.profiles();
    }
    if (!Acceptance.profiles().contains(profile)) {
      throw wrongUsage(
          "--profile %s: no such suite; there are: %s, all"
              .formatted(profile, String.join(", ", Acceptance.profiles())));
    }
    return List.of(profile);
  }

  /**
   * Where the report goes when it goes to a file; what cannot be written is refused before the
   * checks run.
   */
  private @Nullable Path reportFile() {
    if (json == null || json.equals(STDOUT)) {
      return null;
    }
    try {
      Path file = Path.of(json).toAbsolutePath();
      Path folder = file.getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
        throw wrongUsage("--json %s: not a file in a folder that exists".formatted(json));
      }
      return file;
    } catch (InvalidPathException noPath) {
      throw wrongUsage("--json %s: %s".formatted(json, noPath.getReason()));
    }
  }

  private void write(Report report, @Nullable Path file) {
    if (json == null) {
      return;
    }
    String text =
        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(asJson(report));
    if (file == null) {
      spec.commandLine().getOut().println(text);
      spec.commandLine().getOut().flush();
      return;
    }
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException refused) {
      throw wrongUsage("--json %s: cannot be written: %s".formatted(json, refused));
    }
  }

  private ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static ObjectNode asJson(Report report) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("ok", report.ok());
    node.put("checks", report.results().size());
    node.put("passed", report.passed());
    node.put("failed", report.failed());
    node.put("durationSeconds", report.took().toNanos() / 1e9);
    node.put("java", Runtime.version().toString());
    node.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    node.put("processors", Runtime.getRuntime().availableProcessors());
    report.results().forEach(result -> node.withArray("results").add(asJson(result)));
    return node;
  }

  private static ObjectNode asJson(Result result) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", result.id());
    node.put("reference", result.reference());
    node.put("profile", result.profile());
    node.put("title", result.title());
    node.put("statement", result.statement());
    node.put("ok", result.passed());
    node.put("figure", finite(result.figure()));
    node.put("figureText", result.figureText());
    node.put("unit", result.limit().unit());
    node.put("relation", result.limit().relation().name());
    node.put("limit", result.limit().value());
    node.put("failure", result.failure());
    node.put("durationMs", result.took().toNanos() / 1e6);
    return node;
  }

  /** JSON has no number for what is not one. */
  private static @Nullable Double finite(@Nullable Double figure) {
    return figure != null && Double.isFinite(figure) ? figure : null;
  }

  /**
   * Prints results as they come: with marks on a terminal, with words elsewhere, and without signs
   * that the output's character set does not have.
   */
  private static final class Lines implements AcceptanceListener {
    private static final int TITLE_WIDTH =
        Acceptance.suites().stream()
            .flatMap(suite -> suite.checks().stream())
            .mapToInt(check -> check.title().length())
            .max()
            .orElse(0);

    private static final String LINE = "  %s %-8s %-" + TITLE_WIDTH + "s %9s %s (%s)";

    private final PrintWriter out;
    private final String passed;
    private final String failed;
    private final boolean ascii;

    Lines(PrintWriter out, boolean terminal, Charset charset) {
      this.out = out;
      this.ascii = !charset.newEncoder().canEncode('✓');
      this.passed = terminal && !ascii ? "\u001b[32m✓\u001b[0m" : "ok  ";
      this.failed = terminal && !ascii ? "\u001b[31m✗\u001b[0m" : "FAIL";
    }

    @Override
    public void onSuite(Suite suite) {
      line("");
      line(suite.reference() + ", profile " + suite.profile() + ": " + suite.title());
    }

    @Override
    public void onResult(Result result) {
      Limit limit = result.limit();
      Double figure = result.figure();
      line(
          LINE.formatted(
              result.passed() ? passed : failed,
              result.id(),
              result.title(),
              figure == null ? "-" : limit.number(figure),
              limit.unit(),
              limit.bound()));
      if (result.failure() != null) {
        line("       " + result.failure());
      }
      out.flush();
    }

    private void line(String text) {
      out.println(ascii ? asAscii(text) : text);
    }

    private static String asAscii(String text) {
      return text.replace("≤", "<=")
          .replace("≥", ">=")
          .replace('µ', 'u')
          .replace('×', 'x')
          .replace("…", "...");
    }
  }
}
