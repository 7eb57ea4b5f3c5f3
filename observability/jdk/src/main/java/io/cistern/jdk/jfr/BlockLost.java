package io.cistern.jdk.jfr;

import io.cistern.PoolListener;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A block whose owner was collected before it was freed. */
@Name("io.cistern.BlockLost")
@Label("Block Lost")
@Description("A block became unreachable before it was freed; its memory stays taken")
final class BlockLost extends PoolEvent {
  @Label("Block")
  String block;

  @Label("Bytes")
  @DataAmount
  @Description("As asked for")
  long bytes;

  @Label("Allocated By")
  @Description("Stack of who allocated the block")
  String allocatedBy;

  BlockLost(PoolListener.Lost lost) {
    super(lost.pool());
    block = lost.block();
    bytes = lost.bytes();
    allocatedBy = Stacks.text(lost.allocated());
  }
}
