package io.cistern.benchmarks.burst;

import io.cistern.benchmarks.echo.EchoClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.json.JsonMapper;

/**
 * How much memory a server takes in a burst of large requests, and how much of it is back when it
 * has been idle. {@value #REQUESTS} requests of {@value #BODY_BYTES} bytes are sent at once, each
 * but for its last byte, so that the server holds them all; then the last bytes, and the answers
 * are read. Every server runs in a process of its own, whose resident memory the system tells.
 *
 * <p>{@code java -cp 'verification/benchmarks/target/benchmarks/lib/*'
 * io.cistern.benchmarks.burst.Burst [--json=FILE] [SUBJECT...]}. Exit codes: 0 all was measured; 1
 * a server failed, or kept something; 2 wrong usage. Needs a {@code /proc} file system.
 */
public final class Burst {
  private static final int REQUESTS = 100;
  private static final int BODY_BYTES = 1 << 20;
  private static final int SMALL_BYTES = 4096;
  private static final int WARM_UP_ROUNDS = 20;
  private static final Duration IDLE = Duration.ofSeconds(45);
  private static final int AT_ONCE = 3;
  private static final String JSON = "--json=";
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private Burst() {}

  /**
   * Runs and ends the process.
   *
   * @param args options
   * @throws IOException when the JSON cannot be written
   * @throws InterruptedException when it is interrupted
   */
  public static void main(String... args) throws IOException, InterruptedException {
    System.exit(run(System.out, System.err, args));
  }

  /** The exit code. */
  static int run(PrintStream out, PrintStream err, String... args)
      throws IOException, InterruptedException {
    List<BurstSubject> subjects = new ArrayList<>();
    Optional<Path> json = Optional.empty();
    for (String arg : args) {
      Optional<BurstSubject> subject = BurstSubject.of(arg);
      if (arg.startsWith(JSON)) {
        json = Optional.of(Path.of(arg.substring(JSON.length())));
      } else if (subject.isPresent()) {
        subjects.add(subject.get());
      } else {
        err.printf("%s: must be %sFILE or one of %s%n", arg, JSON, String.join(", ", ids()));
        return USAGE;
      }
    }
    List<BurstSubject> wanted = subjects.isEmpty() ? List.of(BurstSubject.values()) : subjects;
    List<BurstResult> results = results(wanted, out, err);
    if (json.isPresent()) {
      Files.writeString(json.get(), json(results));
    }
    boolean all = results.size() == wanted.size();
    return all && results.stream().allMatch(BurstResult::sound) ? OK : FAILED;
  }

  static String json(List<BurstResult> results) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n";
  }

  private static List<String> ids() {
    return Arrays.stream(BurstSubject.values()).map(BurstSubject::id).toList();
  }

  /** Several at once, since each is idle most of the time; prints each as it comes. */
  private static List<BurstResult> results(
      List<BurstSubject> subjects, PrintStream out, PrintStream err) throws InterruptedException {
    List<BurstResult> results = new ArrayList<>();
    out.println(BurstResult.head());
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<BurstResult>> all = new ArrayList<>();
      for (BurstSubject subject : subjects) {
        all.add(threads.submit(() -> result(subject)));
      }
      for (Future<BurstResult> each : all) {
        try {
          results.add(each.get());
          out.println(results.getLast());
        } catch (ExecutionException failed) {
          err.println(failed.getCause());
        }
      }
    }
    return results;
  }

  private static BurstResult result(BurstSubject subject) throws IOException, InterruptedException {
    try (BurstProcess process = new BurstProcess(subject)) {
      warmUp(process.port());
      long before = process.rssBytes();
      long takenBefore = process.takenBytes();
      Held held = Held.open(process.port());
      long takenPeak = process.takenBytes();
      int served = held.finish();
      Thread.sleep(IDLE);
      return new BurstResult(
          subject.id(),
          before,
          process.peakRssBytes(),
          process.rssBytes(),
          takenBefore,
          takenPeak,
          process.takenBytes(),
          served,
          REQUESTS - served,
          process.stop());
    }
  }

  private static void warmUp(int port) throws IOException {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      for (int bytes : new int[] {SMALL_BYTES, BODY_BYTES}) {
        try (EchoClient client = new EchoClient(port, bytes)) {
          client.send();
          client.receive();
        }
      }
    }
  }

  /** Requests on their way. */
  private record Held(List<EchoClient> clients) {
    static Held open(int port) throws IOException, InterruptedException {
      List<EchoClient> clients = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        clients.add(new EchoClient(port, BODY_BYTES));
      }
      Held held = new Held(clients);
      held.forEach(client -> {
        client.sendAllButOne();
        return true;
      });
      Thread.sleep(Duration.ofSeconds(2)); // what is in sockets yet, is read
      return held;
    }

    /** How many were answered. */
    int finish() throws IOException, InterruptedException {
      int served =
          forEach(client -> {
            client.sendLast();
            client.receive();
            return true;
          });
      for (EchoClient client : clients) {
        client.close();
      }
      return served;
    }

    /** For how many it did not fail. */
    private int forEach(Step step) throws InterruptedException {
      List<Callable<Boolean>> steps = new ArrayList<>();
      clients.forEach(client -> steps.add(() -> step.take(client)));
      int done = 0;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Boolean> each : threads.invokeAll(steps)) {
          done += each.state() == Future.State.SUCCESS ? 1 : 0;
        }
      }
      return done;
    }
  }

  private interface Step {
    boolean take(EchoClient client) throws IOException;
  }
}
