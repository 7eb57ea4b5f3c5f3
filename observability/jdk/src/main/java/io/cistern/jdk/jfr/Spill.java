package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

/** A request that a larger tier served. */
@Name("io.cistern.Spill")
@Label("Spill")
@Description("A larger tier served a request, since the fitting one had no free block")
@StackTrace(true)
@Throttle("1000/s")
final class Spill extends PoolEvent {
  @Label("Requested Bytes")
  @DataAmount
  long requestedBytes;

  @Label("Wanted Tier")
  @DataAmount
  @Description("Block size of the tier that fits")
  long wantedBlockSizeBytes;

  @Label("Taken Tier")
  @DataAmount
  @Description("Block size of the tier that served")
  long takenBlockSizeBytes;

  @Label("Label")
  @Description("Of who asked, empty if none")
  String label;

  Spill(PoolListener.Spilled spilled) {
    super(spilled.pool());
    requestedBytes = spilled.requestedBytes();
    wantedBlockSizeBytes = spilled.wantedBlockSizeBytes();
    takenBlockSizeBytes = spilled.takenBlockSizeBytes();
    label = spilled.label();
  }
}
