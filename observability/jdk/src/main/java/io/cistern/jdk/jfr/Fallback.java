package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

/** Memory that was taken outside of a pool. */
@Name("io.cistern.Fallback")
@Label("Fallback")
@Description("A request was served with memory from outside of the pool")
@StackTrace(true)
@Throttle("1000/s")
final class Fallback extends PoolEvent {
  @Label("Bytes")
  @DataAmount
  @Description("As asked for")
  long bytes;

  @Label("Live Bytes")
  @DataAmount
  @Description("In all such pieces of this pool, this one included")
  long liveBytes;

  @Label("Limit")
  @DataAmount
  @Description("Most that may be live, perhaps together with other pools")
  long limitBytes;

  @Label("Label")
  @Description("Of who asked, empty if none")
  String label;

  Fallback(PoolListener.FallbackTaken taken) {
    super(taken.pool());
    bytes = taken.bytes();
    liveBytes = taken.liveBytes();
    limitBytes = taken.limitBytes();
    label = taken.label();
  }
}
