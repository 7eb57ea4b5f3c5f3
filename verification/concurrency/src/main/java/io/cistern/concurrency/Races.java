package io.cistern.concurrency;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.Main;

/**
 * Runs the races with jcstress.
 *
 * <pre>
 * quick [options]   a moment for each race in one JVM configuration: part of the build
 * full  [options]   every combination of interpreter, C1 and C2 for the two actors, and C2 with
 *                   randomized scheduling: more than an hour on two cores
 * </pre>
 *
 * Options are jcstress's; {@code -t PATTERN} chooses races by name. Exit code 1 when a forbidden
 * outcome was seen.
 *
 * <p>The strides are short: each race through the public face needs a pool of its own, and no more
 * than 255 can be open.
 */
public final class Races {
  private static final String JVM = "--enable-native-access=ALL-UNNAMED";

  private static final List<String> COMMON =
      List.of("-strideSize", "128", "-strideCount", "1", "-spinStyle", "THREAD_YIELD");

  private static final List<String> QUICK =
      List.of("-sc", "false", "-f", "1", "-fsm", "1", "-iters", "1", "-jvmArgs", JVM);

  private static final List<String> FULL =
      List.of("-f", "1", "-fsm", "1", "-iters", "2", "-time", "1000", "-jvmArgsPrepend", JVM);

  private Races() {}

  /**
   * Runs the races.
   *
   * @param args {@code quick} or {@code full}, then options of jcstress
   * @throws Exception when an outcome was seen that is forbidden
   */
  public static void main(String... args) throws Exception {
    if (args.length == 0 || !(args[0].equals("quick") || args[0].equals("full"))) {
      System.err.println("usage: quick|full [options of jcstress, for instance -t PATTERN]");
      System.exit(2);
    }
    List<String> options = new ArrayList<>(COMMON);
    options.addAll(args[0].equals("quick") ? QUICK : FULL);
    options.addAll(List.of(args).subList(1, args.length));
    Main.main(options.toArray(String[]::new));
  }
}
