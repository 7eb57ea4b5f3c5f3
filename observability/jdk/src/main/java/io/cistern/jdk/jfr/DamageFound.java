package io.cistern.jdk.jfr;

import io.cistern.Damage;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Memory that was written to by somebody who did not own it. */
@Name("io.cistern.Damage")
@Label("Damage")
@Description("Memory was written to by somebody who did not own it")
@StackTrace(true)
final class DamageFound extends PoolEvent {
  @Label("Kind")
  @Description("OVERFLOW, UNDERFLOW or WRITE_AFTER_FREE")
  String kind;

  @Label("Block")
  String block;

  @Label("Block Bytes")
  @DataAmount
  @Description("As asked for")
  long blockBytes;

  @Label("First Byte")
  @Description("The first damaged byte, counted from the block's start")
  long firstByte;

  @Label("Last Byte")
  @Description("The last damaged byte")
  long lastByte;

  @Label("Allocated By")
  @Description("Stack of who allocated the block")
  String allocatedBy;

  @Label("Freed By")
  @Description("Stack of who freed it; empty while it is live")
  String freedBy;

  DamageFound(Damage damage) {
    super(damage.pool());
    kind = damage.kind().name();
    block = damage.block();
    blockBytes = damage.blockBytes();
    firstByte = damage.firstByte();
    lastByte = damage.lastByte();
    allocatedBy = Stacks.text(damage.allocated());
    freedBy = Stacks.text(damage.freed());
  }
}
