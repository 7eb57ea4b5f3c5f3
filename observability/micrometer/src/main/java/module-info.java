/** The figures of pools as Micrometer's meters, and a small server of them for Prometheus. */
@SuppressWarnings("requires-transitive-automatic") // Micrometer has a name, but no descriptor
module io.cistern.micrometer {
  requires transitive io.cistern;
  requires transitive micrometer.core;
  requires static jdk.httpserver;
  requires static micrometer.registry.prometheus;
  requires static org.jspecify;

  exports io.cistern.micrometer;
}
