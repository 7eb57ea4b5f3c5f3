/** Arrow's buffers in memory pools. */
module io.cistern.arrow {
  requires transitive io.cistern;
  requires transitive org.apache.arrow.memory.core;
  requires static transitive org.jspecify;

  exports io.cistern.arrow;
}
