package io.cistern.benchmarks.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A run: the forks of a plan, round by round. */
public final class Session {
  private static final Duration QUICK_LIMIT = Duration.ofSeconds(45);

  private final Plan plan;
  private final int rounds;
  private final Pace pace;
  private final Forks runner;
  private final Progress progress;
  private final BooleanSupplier stopped;

  private final Map<Cell, List<ForkResult>> results = new LinkedHashMap<>();
  private final Set<Cell> failed = new HashSet<>();
  private final long start = System.nanoTime();

  private Session(
      Plan plan, int rounds, Pace pace, Forks runner, Progress progress, BooleanSupplier stopped) {
    this.plan = plan;
    this.rounds = rounds;
    this.pace = pace;
    this.runner = runner;
    this.progress = progress;
    this.stopped = stopped;
  }

  /**
   * A run at full effort.
   *
   * @param plan what to measure
   * @param forks of each cell
   * @param runner runs them
   * @param progress is told
   * @param stopped asked before each fork whether to end early
   * @return a run that has not begun
   */
  public static Session full(
      Plan plan, int forks, Forks runner, Progress progress, BooleanSupplier stopped) {
    return new Session(plan, forks, Pace.full(), runner, progress, stopped);
  }

  /**
   * A run of one fork a cell that ends within a minute.
   *
   * @param plan what to measure
   * @param runner runs it
   * @param progress is told
   * @param stopped asked before each fork whether to end early
   * @return a run that has not begun
   */
  public static Session quick(Plan plan, Forks runner, Progress progress, BooleanSupplier stopped) {
    return new Session(plan, 1, Pace.within(QUICK_LIMIT), runner, progress, stopped);
  }

  /**
   * Runs everything.
   *
   * @return the results of each cell that did not fail, in the order of the plan
   */
  public Map<Cell, List<ForkResult>> run() {
    int forks = rounds * plan.cells().size();
    int number = 0;
    for (int round = 0; round < rounds; round++) {
      for (Cell cell : plan.cells()) {
        number++;
        if (!failed.contains(cell) && !stopped.getAsBoolean()) {
          fork(cell, number, forks);
        }
      }
    }
    failed.forEach(results::remove);
    return results;
  }

  /**
   * Whether a cell has no figure because a fork of it failed.
   *
   * @return true when any did
   */
  public boolean hasFailures() {
    return !failed.isEmpty();
  }

  private void fork(Cell cell, int number, int forks) {
    Effort effort =
        pace.next(cell, forks - number + 1, Duration.ofNanos(System.nanoTime() - start));
    progress.onFork(cell, number, forks, left(number));
    long begun = System.nanoTime();
    try {
      ForkResult result = runner.run(cell, effort);
      pace.took(effort.of(cell), Duration.ofNanos(System.nanoTime() - begun));
      results.computeIfAbsent(cell, first -> new ArrayList<>()).add(result);
      progress.onResult(cell, result);
    } catch (ForkFailedException failure) {
      failed.add(cell);
      if (!stopped.getAsBoolean()) {
        progress.onFailure(failure);
      }
    }
  }

  /** What the forks from one number on will take. */
  private Duration left(int number) {
    Duration left = Duration.ZERO;
    for (int i = number - 1; i < rounds * plan.cells().size(); i++) {
      Cell cell = plan.cells().get(i % plan.cells().size());
      if (!failed.contains(cell)) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        Effort effort = pace.next(cell, rounds * plan.cells().size() - i, elapsed.plus(left));
        left = left.plus(effort.of(cell)).plus(pace.start());
      }
    }
    return left;
  }
}
