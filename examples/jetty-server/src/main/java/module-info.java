/** A Jetty server on a pool: {@link io.cistern.examples.jetty.JettyServerExample}. */
module io.cistern.examples.jetty {
  requires transitive io.cistern.jetty;
  requires org.eclipse.jetty.server;
  requires static org.jspecify;

  exports io.cistern.examples.jetty;
}
