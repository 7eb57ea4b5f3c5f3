/**
 * The simulator: recorded allocations, their replay on pools and on their peers, and the tuner that
 * finds the tiers which serve them in the least memory.
 */
module io.cistern.simulator {
  requires transitive io.cistern.config;
  requires io.netty.buffer;
  requires io.netty.common;
  requires java.desktop;
  requires org.jfree.jfreechart;
  requires org.jfree.svg;
  requires static transitive org.jspecify;

  exports io.cistern.simulator;
  exports io.cistern.simulator.chart;
  exports io.cistern.simulator.tune;
}
