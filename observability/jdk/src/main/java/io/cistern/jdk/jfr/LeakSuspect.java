package io.cistern.jdk.jfr;

import io.cistern.LeakReport;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.SettingDefinition;
import jdk.jfr.Timespan;

/**
 * A place in the program whose blocks have been live for long. Nobody looks while nothing is
 * recorded: the recorder calls at the period that it was told.
 */
@Name("io.cistern.LeakSuspect")
@Label("Leak Suspect")
@Description(
    "Blocks of one allocating stack that have been live for long; sampled, or all of them in a checked pool")
@Period("60 s")
final class LeakSuspect extends PoolEvent {
  @Label("Blocks")
  @Description("Live for that long: all, or those sampled")
  long blocks;

  @Label("Bytes")
  @DataAmount
  @Description("Of these, as asked for")
  long bytes;

  @Label("Estimated Blocks")
  long estimatedBlocks;

  @Label("Estimated Bytes")
  @DataAmount
  long estimatedBytes;

  @Label("Oldest")
  @Timespan(Timespan.MILLISECONDS)
  long oldest;

  @Label("Complete")
  @Description("Whether every allocation is traced; else they are sampled")
  boolean complete;

  @Label("Threads")
  @Description("Names of the threads that allocated them")
  String threads;

  @Label("Labels")
  @Description("Under which they were allocated")
  String labels;

  @Label("Allocated By")
  @Description("Stack of who allocated the blocks")
  String allocatedBy;

  LeakSuspect(LeakReport report, LeakReport.Site site) {
    super(report.pool());
    blocks = site.blocks();
    bytes = site.bytes();
    estimatedBlocks = site.estimatedBlocks();
    estimatedBytes = site.estimatedBytes();
    oldest = site.oldest().toMillis();
    complete = report.complete();
    threads = String.join(", ", site.threads());
    labels = String.join(", ", site.labels());
    allocatedBy = Stacks.text(site.stack());
  }

  /** What is younger is not in the report that this event is made of. */
  @SettingDefinition
  @Name("olderThan")
  @Label("Older Than")
  @Description("How long a block must have been live")
  boolean olderThan(MinimumAge age) {
    return age.includes(oldest);
  }
}
