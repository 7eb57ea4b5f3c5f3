package io.cistern.acceptance;

/** Hears how a run gets on, on the thread that runs it. */
public interface AcceptanceListener {
  /** Hears nothing. */
  AcceptanceListener SILENT = new AcceptanceListener() {};

  /**
   * A suite begins.
   *
   * @param suite the suite
   */
  default void onSuite(Suite suite) {}

  /**
   * A check has ended.
   *
   * @param result what it found
   */
  default void onResult(Result result) {}
}
