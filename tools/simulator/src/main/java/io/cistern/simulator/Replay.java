package io.cistern.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Replays traces on subjects and says how it went.
 *
 * <pre>
 *   run(trace)
 *     for each subject   MinimumRegion       variable alone: which region it gets
 *                        CheckedPass         one replay: contents, timeline, failures
 *                        CheckedPass × n     the same side by side, with several threads
 *     TimedRounds        warm up each; then rounds, subject by subject, as often as asked for
 *     for each subject   verify, close, result
 * </pre>
 *
 * <p><b>Timing and checking are apart.</b> A timed replay writes one byte into every block that it
 * allocates, as the benchmarks do; filling and comparing whole blocks would measure memory and not
 * pools. Rounds of the subjects alternate, so that a noisy moment meets all of them.
 *
 * <p>Not safe for use by several threads.
 */
public final class Replay {
  private static final int FIRST = 10;

  private final List<Candidate> candidates;
  private final ReplayOptions options;
  private final ReplayListener listener;

  /**
   * A replay.
   *
   * @param subjects in the order of the results
   * @param options how it is done
   * @param listener hears of progress and may stop it
   */
  public Replay(List<Subject> subjects, ReplayOptions options, ReplayListener listener) {
    this.candidates = subjects.stream().map(Candidate::new).toList();
    this.options = options;
    this.listener = sticky(listener);
  }

  /** Once it said stop it is not asked again. */
  private static ReplayListener sticky(ReplayListener listener) {
    AtomicBoolean stopped = new AtomicBoolean();
    return (trace, step, share) -> {
      if (!stopped.get() && !listener.onProgress(trace, step, share)) {
        stopped.set(true);
      }
      return !stopped.get();
    };
  }

  /** A subject with the loop that is compiled for it, trace after trace. */
  private static final class Candidate {
    final Subject subject;
    final Player player = Player.fresh();
    private boolean warm;

    Candidate(Subject subject) {
      this.subject = subject;
    }

    /** How long to warm up: much longer the first time, when nothing is compiled yet. */
    long warmUpNanos(ReplayOptions options) {
      long once = options.warmUp().toNanos();
      long nanos = warm ? once : FIRST * once;
      warm = true;
      return nanos;
    }
  }

  /**
   * Replays one trace on every subject.
   *
   * @param trace what to replay
   * @return a result a subject; none when the listener stopped it before they were complete
   */
  public List<ReplayResult> run(Trace trace) {
    List<Trial> trials = new ArrayList<>();
    try {
      for (Candidate candidate : candidates) {
        Trial trial = new Trial(trace, candidate.subject, options, listener);
        trials.add(trial);
        if (!trial.check()) {
          return List.of();
        }
      }
      if (options.rounds() > 0 && trace.operations() > 0 && !time(trace, trials)) {
        return List.of();
      }
      return trials.stream().map(Trial::result).toList();
    } finally {
      trials.forEach(Trial::close);
    }
  }

  private boolean time(Trace trace, List<Trial> trials) {
    int steps = options.rounds() + 1;
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < trials.size(); i++) {
        double share = (step + (double) i / trials.size()) / steps;
        if (!listener.onProgress(trace, "timing", share)) {
          return false;
        }
        Candidate candidate = candidates.get(i);
        TimedRounds rounds = trials.get(i).timed(candidate.player);
        if (step == 0) {
          rounds.warmUp(candidate.warmUpNanos(options));
        } else {
          rounds.round(options.roundTime().toNanos());
        }
      }
    }
    return true;
  }
}
