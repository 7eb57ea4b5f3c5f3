package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A region that went. */
@Name("io.cistern.Trim")
@Label("Trim")
@Description("The pool has given a region back")
@StackTrace(true)
final class Trim extends PoolEvent {
  @Label("Bytes")
  @DataAmount
  @Description("Of that region")
  long bytes;

  @Label("Regions")
  @Description("That the pool has now")
  int regions;

  @Label("Region Bytes")
  @DataAmount
  @Description("Of all regions that the pool has now")
  long regionBytes;

  Trim(PoolListener.RegionChange change) {
    super(change.pool());
    bytes = change.bytes();
    regions = change.regions();
    regionBytes = change.regionBytes();
  }
}
