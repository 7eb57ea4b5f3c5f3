package io.cistern.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One trace on one subject: its memory from opening to closing, and what was found in between. */
final class Trial implements AutoCloseable {
  /** How many operations go by between two looks at the listener. */
  private static final int STRIDE = 1 << 14;

  private final Trace trace;
  private final Subject subject;
  private final ReplayOptions options;
  private final ReplayListener listener;
  private final OptionalLong minimum;
  private Memory memory;
  private final List<String> findings = new ArrayList<>();
  private Timeline timeline = new Timeline(List.of());
  private long failures;
  private @Nullable TimedRounds rounds;

  Trial(Trace trace, Subject subject, ReplayOptions options, ReplayListener listener) {
    this.trace = trace;
    this.subject = subject;
    this.options = options;
    this.listener = listener;
    this.minimum =
        subject instanceof Subject.Variable
            ? MinimumRegion.of(trace, listener)
            : OptionalLong.empty();
    this.memory = subject.open(room());
  }

  /**
   * One replay gets the smallest region. Several get a roomy one each: how they meet is different
   * every time, and so is what the smallest would be.
   */
  private Subject.Room room() {
    int threads = options.threads();
    long roomy = MinimumRegion.roomy(trace);
    long region = threads == 1 ? minimum.orElse(roomy) : roomy * threads;
    return new Subject.Room(region, (trace.peakLiveBlocks() + 1) * threads);
  }

  /** Replays with a look at the contents; false when that was stopped. */
  boolean check() {
    CheckedPass alone = new CheckedPass(trace, memory, 0, true);
    boolean complete = add(alone.run(this::isOnward));
    if (options.threads() > 1 && complete) {
      complete = checkSideBySide();
    }
    verify();
    return complete;
  }

  private void verify() {
    List<String> unsound = memory.verify();
    failures += unsound.size();
    findings.addAll(unsound);
  }

  private boolean isOnward(int operation) {
    return operation % STRIDE != 0
        || listener.onProgress(
            trace, subject.id() + ", contents", (double) operation / trace.operations());
  }

  private boolean add(CheckedPass.Outcome outcome) {
    failures += outcome.refused() + outcome.damaged();
    if (outcome.refused() > 0) {
      findings.add(
          "%s on %s: %d requests refused".formatted(trace.name(), subject.id(), outcome.refused()));
    }
    if (outcome.firstDamage() != null) {
      findings.add("%d blocks damaged; %s".formatted(outcome.damaged(), outcome.firstDamage()));
    }
    if (!outcome.timeline().samples().isEmpty()) {
      timeline = outcome.timeline();
    }
    return outcome.complete();
  }

  private boolean checkSideBySide() {
    ExecutorService threads = Executors.newFixedThreadPool(options.threads(), subject.threads());
    try {
      List<Future<CheckedPass.Outcome>> passes = new ArrayList<>();
      for (int number = 1; number <= options.threads(); number++) {
        CheckedPass pass = new CheckedPass(trace, memory, number, false);
        passes.add(threads.submit(() -> pass.run(this::isOnward)));
      }
      boolean complete = true;
      for (Future<CheckedPass.Outcome> pass : passes) {
        complete &= add(pass.get());
      }
      return complete;
    } catch (ExecutionException failed) {
      throw new IllegalStateException("a replay failed", failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      threads.shutdown();
    }
  }

  /**
   * The rounds of this trial, in memory of their own that no other thread has used: a pool may be
   * quickest for the thread that came first.
   */
  TimedRounds timed(Player player) {
    if (rounds == null) {
      memory.close();
      memory = subject.open(room());
      rounds = new TimedRounds(trace, player, subject, memory, options.threads());
    }
    return rounds;
  }

  /** What was found. */
  ReplayResult result() {
    long late = 0;
    if (rounds != null) {
      late = rounds.refused();
      verify();
    }
    if (late > 0 && failures == 0) {
      failures = late;
      findings.add(
          "%s on %s: %d requests refused while timing".formatted(trace.name(), subject.id(), late));
    }
    Long region = region();
    long peak = trace.peakLiveBytes();
    return new ReplayResult(
        trace.name(),
        trace.family(),
        subject.id(),
        trace.operations(),
        rounds == null ? null : (Double) rounds.median(),
        peak,
        region,
        region == null || peak == 0 ? null : (Double) ((double) region / peak),
        failures,
        findings,
        timeline);
  }

  private @Nullable Long region() {
    OptionalLong region =
        subject instanceof Subject.Tiers && failures == 0 ? memory.regionBytes() : minimum;
    return region.isPresent() ? (Long) region.getAsLong() : null;
  }

  @Override
  public void close() {
    if (rounds != null) {
      rounds.close();
    }
    memory.close();
  }
}
