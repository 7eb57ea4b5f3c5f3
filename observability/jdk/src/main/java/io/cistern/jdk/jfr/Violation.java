package io.cistern.jdk.jfr;

import io.cistern.InvalidFreeException;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

/** A free that was refused. */
@Name("io.cistern.Violation")
@Label("Violation")
@Description("A free was refused: the block was not live, or not of this pool")
@StackTrace(true)
@Throttle("1000/s")
final class Violation extends PoolEvent {
  @Label("Reason")
  @Description("DOUBLE_FREE, STALE, FOREIGN, INTERIOR or WRONG_SIZE")
  String reason;

  @Label("Message")
  String message;

  Violation(String pool, InvalidFreeException violation) {
    super(pool);
    reason = violation.reason().name();
    message = String.valueOf(violation.getMessage());
  }
}
