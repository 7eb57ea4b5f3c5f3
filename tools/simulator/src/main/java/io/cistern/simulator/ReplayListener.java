package io.cistern.simulator;

/** Hears how far a replay is, and may stop it. Called by the thread that replays, or several. */
@FunctionalInterface
public interface ReplayListener {
  /** Hears nothing and never stops. */
  ReplayListener NONE = (trace, step, share) -> true;

  /**
   * How far it is. Called every few milliseconds at most, and at the beginning of each step.
   *
   * @param trace that is being replayed
   * @param step what is being done, in a few words
   * @param share of the step that is done, from 0 to 1
   * @return whether to go on; once false, what is missing is left out
   */
  boolean onProgress(Trace trace, String step, double share);
}
