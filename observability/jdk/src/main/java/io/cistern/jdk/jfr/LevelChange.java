package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A level that was crossed. */
@Name("io.cistern.PressureChange")
@Label("Pressure Change")
@Description("A tier or the whole pool crossed a threshold")
@StackTrace(true)
final class LevelChange extends PoolEvent {
  @Label("Tier")
  @DataAmount
  @Description("Block size of the tier, 0 for the whole pool")
  long tierBlockSizeBytes;

  @Label("From")
  String from;

  @Label("To")
  String to;

  @Label("Used Bytes")
  @DataAmount
  long usedBytes;

  @Label("Total Bytes")
  @DataAmount
  long totalBytes;

  LevelChange(PoolListener.PressureChange change) {
    super(change.pool());
    tierBlockSizeBytes = change.tierBlockSizeBytes();
    from = change.from().name();
    to = change.to().name();
    usedBytes = change.usedBytes();
    totalBytes = change.totalBytes();
  }
}
