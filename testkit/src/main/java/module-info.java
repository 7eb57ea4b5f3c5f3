/**
 * For tests of programs that use pools: a JUnit Jupiter extension that fails a test which leaves
 * blocks live, damages memory, or breaks a pool.
 */
module io.cistern.testkit {
  requires transitive io.cistern;
  requires transitive org.junit.jupiter.api;
  requires static transitive org.jspecify;

  exports io.cistern.testkit;
}
