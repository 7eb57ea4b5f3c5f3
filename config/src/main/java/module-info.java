/**
 * Profiles: the pools of an application, described in one HOCON file, checked as a whole and opened
 * as a {@link io.cistern.PoolManager}.
 */
module io.cistern.config {
  requires transitive io.cistern;
  requires typesafe.config;
  requires static transitive org.jspecify;

  exports io.cistern.config;
}
