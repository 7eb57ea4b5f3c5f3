package io.cistern.jdk.jfr;

import io.cistern.ManagerStats;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The snapshot of a manager, without its pools. */
@Name("io.cistern.ManagerStatistics")
@Label("Manager Statistics")
@Description("Figures of all pools of a manager together")
@Category("Cistern")
@StackTrace(false)
@Period("10 s")
final class ManagerStatistics extends Event {
  @Label("Budget")
  @DataAmount
  @Description("What all pools together may take; the largest long when there is no budget")
  long budgetBytes;

  @Label("Budget Used")
  @DataAmount
  @Description("What they have taken of it, fallback memory by its limit")
  long budgetUsedBytes;

  @Label("Region Bytes")
  @DataAmount
  long regionBytes;

  @Label("Pressure")
  @Description("Level of all pools together")
  String pressure;

  @Label("Pools")
  int pools;

  ManagerStatistics(ManagerStats stats) {
    budgetBytes = stats.budgetBytes();
    budgetUsedBytes = stats.budgetUsedBytes();
    regionBytes = stats.regionBytes();
    pressure = stats.pressure().name();
    pools = stats.pools().size();
  }
}
