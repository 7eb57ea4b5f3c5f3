package io.cistern.cli;

import io.cistern.config.Profile;
import io.cistern.simulator.Replay;
import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.ReplayOptions;
import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Subject;
import io.cistern.simulator.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proof of a profile: it is written, loaded as anybody would load it, and every trace is
 * replayed on its pool with the contents of all blocks checked.
 */
final class TuneProof {
  private TuneProof() {}

  /**
   * Writes a profile and proves it.
   *
   * @param text of the profile
   * @param target where it goes; null for standard output
   * @return whether no request was refused
   */
  static boolean write(
      String text,
      @Nullable Path target,
      List<Trace> traces,
      ReplayListener progress,
      PrintWriter human)
      throws IOException {
    Path file = target == null ? Files.createTempFile("tuned", ".conf") : target;
    try {
      Files.writeString(file, text);
      boolean proven = replay(Profile.load(file.toString()), traces, progress, human);
      if (target == null) {
        human.print("\n" + text);
      } else {
        human.println("written to " + target);
      }
      human.flush();
      return proven;
    } finally {
      if (target == null) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static boolean replay(
      Profile profile, List<Trace> traces, ReplayListener progress, PrintWriter human) {
    List<Subject> tiers = List.of(new Subject.Tiers(profile));
    Replay replay = new Replay(tiers, ReplayOptions.checking(1), progress);
    List<ReplayResult> results = new ArrayList<>();
    traces.forEach(trace -> results.addAll(replay.run(trace)));
    results.forEach(result -> result.findings().forEach(f -> human.println("failed: " + f)));
    long failures = results.stream().mapToLong(ReplayResult::failures).sum();
    human.println(
        "replayed on a pool of these tiers: %d of %d traces, %d failures"
            .formatted(results.size(), traces.size(), failures));
    return failures == 0 && results.size() == traces.size();
  }
}
