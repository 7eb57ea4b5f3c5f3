/** Pools seen through JMX, and by the flight recorder. */
module io.cistern.jdk {
  requires transitive io.cistern;
  requires transitive java.management;
  requires transitive jdk.jfr;
  requires static org.jspecify;

  exports io.cistern.jdk;
  exports io.cistern.jdk.jfr;
}
