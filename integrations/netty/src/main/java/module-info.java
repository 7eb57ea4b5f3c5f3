/** Netty's buffers on pools. */
module io.cistern.netty {
  requires transitive io.cistern;
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires static org.jspecify;

  exports io.cistern.netty;
}
