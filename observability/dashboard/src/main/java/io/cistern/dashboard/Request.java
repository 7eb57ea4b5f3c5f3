package io.cistern.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A message of a client, whose fields are checked as they are read: what is wrong is named, with
 * its value and what is allowed.
 *
 * @param type what is asked for
 * @param id that the answer carries, so that the client can tell answers apart; null if none
 * @param body the whole message
 */
record Request(String type, @Nullable JsonNode id, JsonNode body) {
  private static final int LONGEST_ID = 64;
  private static final int LONGEST_SHOWN = 60;

  static Request parse(String text) {
    JsonNode body;
    try {
      body = Json.MAPPER.readTree(text);
    } catch (JacksonException malformed) {
      throw new Refusal("bad-json", "not JSON: " + malformed.getOriginalMessage());
    }
    if (!body.isObject()) {
      throw new Refusal("bad-message", "a message must be a JSON object, with a field 'type'");
    }
    JsonNode version = body.path("v");
    if (!version.isMissingNode() && !(version.isInt() && version.intValue() == Json.VERSION)) {
      throw new Refusal(
          "bad-version", "version %s: must be %d".formatted(shown(version), Json.VERSION));
    }
    JsonNode type = body.path("type");
    if (!type.isString()) {
      throw new Refusal(
          "bad-message", "field 'type' is %s: must be a string".formatted(shown(type)));
    }
    return new Request(type.stringValue(), id(body.path("id")), body);
  }

  private static @Nullable JsonNode id(JsonNode id) {
    if (id.isMissingNode() || id.isNull()) {
      return null;
    }
    boolean isShort = id.isString() && id.stringValue().length() <= LONGEST_ID;
    if (!isShort && !id.isIntegralNumber()) {
      throw new Refusal(
          "bad-message",
          "field 'id' is %s: must be a whole number or a string of up to %d characters"
              .formatted(shown(id), LONGEST_ID));
    }
    return id;
  }

  String text(String field) {
    JsonNode value = body.path(field);
    if (!value.isString()) {
      throw wrong(field, value, "a string");
    }
    return value.stringValue();
  }

  boolean has(String field) {
    return body.hasNonNull(field);
  }

  long number(String field, long least, long most) {
    JsonNode value = body.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw wrong(field, value, "a whole number from %d to %d".formatted(least, most));
    }
    return value.longValue();
  }

  double decimal(String field) {
    JsonNode value = body.path(field);
    if (!value.isNumber()) {
      throw wrong(field, value, "a number");
    }
    return value.doubleValue();
  }

  /** Strings of a list, each one of those that are known. */
  List<String> choices(String field, Set<String> known) {
    JsonNode list = body.path(field);
    List<String> chosen = new ArrayList<>();
    for (JsonNode value : list) {
      if (value.isString() && known.contains(value.stringValue())) {
        chosen.add(value.stringValue());
      } else {
        throw wrong(field, value, "a list of some of " + known.stream().sorted().toList());
      }
    }
    if (!list.isArray() || chosen.isEmpty()) {
      throw wrong(field, list, "a list of some of " + known.stream().sorted().toList());
    }
    return chosen;
  }

  private static Refusal wrong(String field, JsonNode value, String allowed) {
    return new Refusal(
        "bad-value", "field '%s' is %s: must be %s".formatted(field, shown(value), allowed));
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }
}
