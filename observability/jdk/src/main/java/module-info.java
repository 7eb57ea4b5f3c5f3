/** Pools seen through JMX. */
module io.cistern.jdk {
  requires transitive io.cistern;
  requires transitive java.management;
  requires static org.jspecify;

  exports io.cistern.jdk;
}
