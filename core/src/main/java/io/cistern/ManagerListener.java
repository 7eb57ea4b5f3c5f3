package io.cistern;

/**
 * Hears what happens to the pools of a manager as a whole. Called like a {@link PoolListener}: on
 * the thread that caused the event, from slow paths only, outside of all locks; it should return
 * quickly, and what it throws is logged and goes no further. Events of different threads may arrive
 * in any order. {@link Emergencies} is one that acts on what it hears.
 */
public interface ManagerListener {
  /**
   * A reading of a pool, or of the whole, crossed a threshold.
   *
   * @param change the crossing
   */
  default void onPressureChanged(ManagerPressure change) {}

  /**
   * A request was refused: nothing was left that it may take, nor could be reclaimed in time.
   *
   * @param exhaustion the figures at that moment
   */
  default void onExhausted(PoolListener.Exhaustion exhaustion) {}
}
