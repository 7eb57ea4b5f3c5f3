/**
 * The {@code cistern} command. Thin: each subcommand parses its options and calls the room that
 * does the work.
 */
module io.cistern.cli {
  requires info.picocli;
  requires io.cistern;
  requires io.cistern.acceptance;
  requires io.cistern.config;
  requires io.cistern.dashboard;
  requires io.cistern.gateway;
  requires io.cistern.jdk;
  requires io.cistern.micrometer;
  requires io.cistern.mqtt;
  requires io.cistern.simulator;
  requires java.logging;
  requires java.management;
  requires java.management.rmi;
  requires jdk.attach;
  requires org.jline.terminal;
  requires tools.jackson.databind;
  requires static org.jspecify;

  opens io.cistern.cli to
      info.picocli,
      tools.jackson.databind;
}
