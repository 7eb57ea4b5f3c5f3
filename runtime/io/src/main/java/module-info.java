/** Chains of pool blocks, and streams, channels and pipes over them. */
module io.cistern.io {
  requires transitive io.cistern;
  requires static org.jspecify;

  exports io.cistern.io;
}
