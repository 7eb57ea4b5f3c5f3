package io.cistern.misuse;

/** The deed. It sets the stage and hands the call that is wrong to {@link Stage#misuse}. */
@FunctionalInterface
interface Misuse {
  /**
   * Does it once.
   *
   * @param stage a fresh pool and what belongs to it
   * @throws Exception when the stage could not be set; never for the misuse itself
   */
  void commit(Stage stage) throws Exception;
}
