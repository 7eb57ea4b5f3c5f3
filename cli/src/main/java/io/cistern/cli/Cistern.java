package io.cistern.cli;

import io.cistern.config.ProfileException;
import io.cistern.simulator.TraceException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code cistern} command. Exit codes are the same for all subcommands: 0 all is well; 1 a
 * check failed; 2 wrong usage, such as an unknown option, a profile or a trace that is refused, or
 * a port that is taken. A user's mistake is answered with a message, never with a stack trace.
 */
@Command(
    name = "cistern",
    description = "Bounded, fragmentation-free memory pools for the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Cistern.Version.class,
    subcommands = {
      DemoCommand.class,
      ValidateCommand.class,
      BenchCommand.class,
      ReplayCommand.class,
      TuneCommand.class,
      TopCommand.class,
    })
public final class Cistern implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private Cistern() {}

  /**
   * Runs a command line and ends the process with its exit code.
   *
   * @param args subcommand and options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Cistern())
        .setColorScheme(CommandLine.Help.defaultColorScheme(Terminal.of(true).ansi()))
        .setParameterExceptionHandler((wrong, args) -> refuse(wrong.getCommandLine(), wrong))
        .setExecutionExceptionHandler(Cistern::onException);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command given: " + spec.subcommands().keySet());
  }

  private static int onException(
      Exception failed, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
    return switch (failed) {
      case UsageException wrong -> refuse(command, wrong);
      case ProfileException wrong -> refuse(command, wrong);
      case TraceException wrong -> refuse(command, wrong);
      default -> throw failed;
    };
  }

  private static int refuse(CommandLine command, Exception wrong) {
    PrintWriter err = command.getErr();
    err.println(wrong.getMessage());
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  /** The version of the jar that this class comes from. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Cistern.class.getPackage().getImplementationVersion();
      return new String[] {"cistern " + Optional.ofNullable(version).orElse("(not from a jar)")};
    }
  }
}
