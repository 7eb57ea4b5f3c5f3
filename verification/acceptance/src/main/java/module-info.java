/**
 * The acceptance suites of the five reference systems: checks that run on freshly opened pools of a
 * profile and give a figure each. They run as JUnit tests of this module and as {@code cistern
 * validate}.
 */
module io.cistern.acceptance {
  requires static transitive org.jspecify;
  requires io.cistern;
  requires io.cistern.config;

  exports io.cistern.acceptance;
}
