package io.cistern.dashboard;

import io.cistern.BlockMap.Block;
import io.cistern.MemoryPool;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One block of a map, as a client gets it. */
final class BlockText {
  private BlockText() {}

  static ObjectNode of(String pool, Block block) {
    ObjectNode node =
        Json.MAPPER
            .createObjectNode()
            .put("pool", pool)
            .put("cell", block.cell())
            .put("state", block.state().name())
            .put("handle", handle(block.handle()))
            .put("offsetBytes", block.offsetBytes())
            .put("blockSizeBytes", block.blockSizeBytes())
            .put("sizeBytes", block.sizeBytes())
            .put("ageMillis", block.ageMillis())
            .put("label", block.label())
            .put("thread", block.thread());
    ArrayNode stack = node.putArray("stack");
    block.stack().forEach(frame -> stack.add(frame.toString()));
    return node;
  }

  /** Text, since no number of JavaScript has 64 bits. */
  private static String handle(long handle) {
    return handle == MemoryPool.NO_HANDLE ? "" : "0x%016x".formatted(handle);
  }
}
