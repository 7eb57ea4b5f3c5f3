package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

/** One of the allocations that the pool samples, for leak suspects too. */
@Name("io.cistern.AllocationSampled")
@Label("Allocation Sampled")
@Description("An allocation that the pool has sampled, on the thread that made it")
@StackTrace(true)
@Throttle("300/s")
final class AllocationSampled extends PoolEvent {
  @Label("Requested Bytes")
  @DataAmount
  long requestedBytes;

  @Label("Granted Bytes")
  @DataAmount
  @Description("Block size of the tier that served")
  long grantedBytes;

  @Label("Label")
  @Description("Under which it was made, empty if none")
  String label;

  @Label("Weight")
  @Description("How many allocations it stands for, about")
  double weight;

  AllocationSampled(PoolListener.Sampled sampled) {
    super(sampled.pool());
    requestedBytes = sampled.requestedBytes();
    grantedBytes = sampled.grantedBytes();
    label = sampled.label();
    weight = sampled.weight();
  }
}
