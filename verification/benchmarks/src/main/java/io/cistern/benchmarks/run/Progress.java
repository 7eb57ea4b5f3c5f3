package io.cistern.benchmarks.run;

import java.time.Duration;

/** Told how far a run has come. */
public interface Progress {
  /**
   * A fork begins.
   *
   * @param cell what it measures
   * @param number of this fork, from 1
   * @param forks all of them
   * @param left about how long the rest takes, this fork included
   */
  void onFork(Cell cell, int number, int forks, Duration left);

  /**
   * A fork has ended.
   *
   * @param cell what it measured
   * @param result its figures
   */
  void onResult(Cell cell, ForkResult result);

  /**
   * A fork has failed; its cell gets no figure and is not tried again.
   *
   * @param failure what happened
   */
  void onFailure(ForkFailedException failure);
}
