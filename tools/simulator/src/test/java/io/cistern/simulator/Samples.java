package io.cistern.simulator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Traces for tests: from text, made up with a seed, and those beside the checkout. */
public final class Samples {
  private static final String TRACES = "io.cistern.traces";

  private Samples() {}

  /** A trace with these operations behind a header of two lines. */
  public static Trace of(String... operations) {
    return parse("1\n1\n" + String.join("\n", operations) + "\n");
  }

  /** A trace file's text. */
  public static Trace parse(String text) {
    try {
      return TraceReader.read(
          "made.rep",
          "made.rep",
          new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * A made-up program: sizes of one of three kinds, more live blocks up to the middle and fewer
   * from there on, now and then a resize.
   */
  public static Trace random(long seed, int operations) {
    Random random = new Random(seed);
    int kind = random.nextInt(3);
    List<String> lines = new ArrayList<>();
    List<Integer> live = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < operations; i++) {
      double grow = i < operations / 2 ? 0.6 : 0.4;
      if (live.isEmpty() || random.nextDouble() < grow) {
        live.add(next);
        lines.add("a %d %d".formatted(next++, size(random, kind)));
      } else if (random.nextInt(10) == 0) {
        lines.add("r %d %d".formatted(live.get(random.nextInt(live.size())), size(random, kind)));
      } else {
        int freed = random.nextInt(live.size());
        lines.add("f " + live.set(freed, live.getLast()));
        live.removeLast();
      }
    }
    return of(lines.toArray(String[]::new));
  }

  private static int size(Random random, int kind) {
    return switch (kind) {
      case 0 -> 1 + random.nextInt(2000);
      case 1 -> 1 + (int) Math.min(100_000, 40 / (1.001 - random.nextDouble()));
      default -> 100 * (1 + random.nextInt(5)) + random.nextInt(3);
    };
  }

  /** Trace files beside the checkout; without them the test is skipped. */
  public static List<Path> shared() {
    Path folder =
        Path.of(System.getProperty(TRACES, "../../../shared/traces")).toAbsolutePath().normalize();
    assumeTrue(
        Files.isDirectory(folder),
        () -> "no traces in %s; -D%s=FOLDER names another".formatted(folder, TRACES));
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".rep")).sorted().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
