package io.cistern.dashboard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Messages as JSON: every one says which version of the protocol it is of, and its type. */
final class Json {
  static final int VERSION = 1;
  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static ObjectNode message(String type) {
    return MAPPER.createObjectNode().put("v", VERSION).put("type", type);
  }

  static ObjectNode reply(@Nullable JsonNode id, JsonNode result) {
    ObjectNode reply = message("reply");
    if (id != null) {
      reply.set("id", id);
    }
    reply.set("result", result);
    return reply;
  }

  static ObjectNode error(@Nullable JsonNode id, Refusal refusal) {
    ObjectNode error = message("error");
    if (id != null) {
      error.set("id", id);
    }
    return error.put("code", refusal.code()).put("message", refusal.getMessage());
  }

  static ByteBuffer bytes(JsonNode message) {
    return ByteBuffer.wrap(MAPPER.writeValueAsString(message).getBytes(StandardCharsets.UTF_8));
  }
}
