package io.cistern.misuse;

/** A call that may throw anything. */
@FunctionalInterface
public interface Call {
  /**
   * Does it.
   *
   * @throws Throwable whatever comes of it
   */
  void run() throws Throwable;
}
