package io.cistern.benchmarks.run;

/** Where forks are run; stands between the order of a run and JMH. */
@FunctionalInterface
public interface Forks {
  /**
   * Runs one fork.
   *
   * @param cell what to measure
   * @param effort for how long
   * @return its figures
   * @throws ForkFailedException when there are none, with the end of what the fork said
   */
  ForkResult run(Cell cell, Effort effort) throws ForkFailedException;
}
