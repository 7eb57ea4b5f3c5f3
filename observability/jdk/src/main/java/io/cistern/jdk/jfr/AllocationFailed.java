package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

/** A request that found no block. */
@Name("io.cistern.AllocationFailed")
@Label("Allocation Failed")
@Description("No block was free that the request may take")
@StackTrace(true)
@Throttle("1000/s")
final class AllocationFailed extends PoolEvent {
  @Label("Requested Bytes")
  @DataAmount
  long requestedBytes;

  @Label("Tier")
  @DataAmount
  @Description("Block size of the tier that fits")
  long tierBlockSizeBytes;

  @Label("Largest Free")
  @DataAmount
  @Description("Largest free block")
  long largestFreeBytes;

  @Label("Free Bytes")
  @DataAmount
  long freeBytes;

  @Label("Used Bytes")
  @DataAmount
  long usedBytes;

  @Label("Limit")
  @DataAmount
  @Description("Bytes in all blocks")
  long limitBytes;

  @Label("Label")
  @Description("Of who asked, empty if none")
  String label;

  AllocationFailed(PoolListener.Exhaustion exhaustion) {
    super(exhaustion.pool());
    requestedBytes = exhaustion.requestedBytes();
    tierBlockSizeBytes = exhaustion.tierBlockSizeBytes();
    largestFreeBytes = exhaustion.largestFreeBytes();
    freeBytes = exhaustion.freeBytes();
    usedBytes = exhaustion.usedBytes();
    limitBytes = exhaustion.limitBytes();
    label = exhaustion.label();
  }
}
