/** Jetty's buffers from pools: {@link io.cistern.jetty.CisternByteBufferPool}. */
module io.cistern.jetty {
  requires transitive io.cistern;
  requires transitive org.eclipse.jetty.io;
  requires transitive org.eclipse.jetty.util;
  requires static transitive org.jspecify;

  exports io.cistern.jetty;
}
