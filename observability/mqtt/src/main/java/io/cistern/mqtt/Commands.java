package io.cistern.mqtt;

import io.cistern.LeakReport;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PressureLimits;
import io.cistern.VerifyReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What can be asked of a node from afar, and the answers. Every request gets one: what cannot be
 * read, is not known or not allowed is answered with what is. Whatever a pool throws becomes an
 * answer, too.
 *
 * <p>Done on the thread of the diagnostics, one after the other.
 */
final class Commands {
  private static final String POOL = "pool";
  private static final String OLDER_THAN = "olderThanSeconds";
  private static final double DEFAULT_AGE_SECONDS = 10;
  private static final double MOST_AGE_SECONDS = 1e9;
  private static final int MOST_ECHOED = 64;
  private static final String LOW_USED = "lowUsedPercent";
  private static final String CRITICAL_USED = "criticalUsedPercent";

  private static final List<String> LIMITS =
      List.of(
          LOW_USED,
          CRITICAL_USED,
          "lowFreeBytes",
          "criticalFreeBytes",
          "lowFragmentationPercent",
          "criticalFragmentationPercent",
          "hysteresisPercent");

  /** The fields that each command may have. */
  private static final Map<String, List<String>> FIELDS =
      new TreeMap<>(
          Map.of(
              "dump", List.of(POOL),
              "verify", List.of(),
              "leaks", List.of(POOL, OLDER_THAN),
              "thresholds", with(POOL, LIMITS)));

  /** The commands, in order. */
  static final SortedSet<String> NAMES = new TreeSet<>(FIELDS.keySet());

  private final PoolManager manager;
  private final Json json;

  Commands(PoolManager manager, Json json) {
    this.manager = manager;
    this.json = json;
  }

  /** The reply to whatever came. */
  byte[] answer(byte[] payload) {
    String name = null;
    try {
      JsonNode asked = read(payload);
      name = Json.cut(asked.path("command").asString(), MOST_ECHOED);
      return fitting(name, run(name, asked));
    } catch (JacksonException unreadable) {
      return refused(name, "no JSON: " + unreadable.getOriginalMessage() + "; " + allowed());
    } catch (RuntimeException | StackOverflowError wrong) {
      return refused(name, String.valueOf(wrong.getMessage()));
    }
  }

  byte[] refused(@Nullable String command, String why) {
    return Json.bytes(json.error(command, why));
  }

  private static JsonNode read(byte[] payload) {
    JsonNode asked = Json.parse(payload);
    if (!asked.isObject() || !asked.path("command").isString()) {
      throw new IllegalArgumentException("no command is given; " + allowed());
    }
    return asked;
  }

  private static String allowed() {
    return "a command is a JSON object such as {\"command\":\"dump\"}; allowed: "
        + String.join(", ", NAMES);
  }

  private JsonNode run(String name, JsonNode asked) {
    List<String> fields = FIELDS.get(name);
    if (fields == null) {
      throw new IllegalArgumentException(
          "unknown command '%s'; allowed: %s".formatted(name, String.join(", ", NAMES)));
    }
    for (String field : asked.propertyNames()) {
      if (!field.equals("command") && !fields.contains(field)) {
        throw new IllegalArgumentException(
            "command '%s' has no field '%s'; allowed: %s"
                .formatted(
                    name,
                    Json.cut(field, MOST_ECHOED),
                    fields.isEmpty() ? "none" : String.join(", ", fields)));
      }
    }
    return switch (name) {
      case "dump" -> dump(asked);
      case "verify" -> verify();
      case "leaks" -> leaks(asked);
      default -> thresholds(asked);
    };
  }

  // --- the commands ---------------------------------------------------------------------------

  private JsonNode dump(JsonNode asked) {
    MemoryPool pool = pool(asked);
    return text(pool == null ? manager.dump() : pool.dump(), 0);
  }

  private static ObjectNode text(String text, int omittedChars) {
    return Json.object().put("text", text).put("omittedChars", omittedChars);
  }

  private JsonNode verify() {
    List<VerifyReport> reports = manager.verify();
    ObjectNode result = Json.object().put("ok", reports.stream().allMatch(VerifyReport::ok));
    result.set("reports", Json.tree(reports));
    return result;
  }

  private JsonNode leaks(JsonNode asked) {
    double seconds = number(asked, OLDER_THAN, DEFAULT_AGE_SECONDS);
    if (!(seconds >= 0 && seconds <= MOST_AGE_SECONDS)) {
      throw new IllegalArgumentException(
          "%s %s: 0 to %.0f is allowed".formatted(OLDER_THAN, seconds, MOST_AGE_SECONDS));
    }
    Duration age = Duration.ofMillis(Math.round(seconds * 1000));
    MemoryPool pool = pool(asked);
    Collection<MemoryPool> pools = pool == null ? manager.pools() : List.of(pool);
    List<LeakReport> reports = pools.stream().map(each -> each.report(age)).toList();
    ObjectNode result = Json.object();
    result.set("reports", Json.tree(reports));
    return result;
  }

  /** Of all together, those that are not given stay; of one pool, both are needed. */
  private JsonNode thresholds(JsonNode asked) {
    MemoryPool pool = pool(asked);
    if (pool != null) {
      return thresholds(pool, asked);
    }
    if (LIMITS.stream().anyMatch(asked::has)) {
      manager.setPressureLimits(limits(asked, manager.pressureLimits()));
    }
    ObjectNode result = Json.object();
    result.set("pressureLimits", Json.tree(manager.pressureLimits()));
    return result;
  }

  private JsonNode thresholds(MemoryPool pool, JsonNode asked) {
    if (asked.size() != 4 || !asked.has(LOW_USED) || !asked.has(CRITICAL_USED)) {
      throw new IllegalArgumentException(
          "of a pool, %s and %s are changed, both at once".formatted(LOW_USED, CRITICAL_USED));
    }
    double low = number(asked, LOW_USED, 0);
    double critical = number(asked, CRITICAL_USED, 0);
    manager.setThresholds(pool.name(), low, critical);
    return Json.object().put(POOL, pool.name()).put(LOW_USED, low).put(CRITICAL_USED, critical);
  }

  private static PressureLimits limits(JsonNode asked, PressureLimits now) {
    return new PressureLimits(
        number(asked, LOW_USED, now.lowUsedPercent()),
        number(asked, CRITICAL_USED, now.criticalUsedPercent()),
        bytes(asked, "lowFreeBytes", now.lowFreeBytes()),
        bytes(asked, "criticalFreeBytes", now.criticalFreeBytes()),
        number(asked, "lowFragmentationPercent", now.lowFragmentationPercent()),
        number(asked, "criticalFragmentationPercent", now.criticalFragmentationPercent()),
        number(asked, "hysteresisPercent", now.hysteresisPercent()));
  }

  // --- fields ---------------------------------------------------------------------------------

  private @Nullable MemoryPool pool(JsonNode asked) {
    JsonNode name = asked.get(POOL);
    if (name == null) {
      return null;
    }
    if (!name.isString()) {
      throw new IllegalArgumentException("field 'pool' is no text: " + shown(name));
    }
    return manager.pool(Json.cut(name.asString(), MOST_ECHOED));
  }

  private static double number(JsonNode asked, String field, double otherwise) {
    JsonNode value = asked.get(field);
    if (value == null) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          "field '%s' is no number: %s".formatted(field, shown(value)));
    }
    return value.asDouble();
  }

  private static long bytes(JsonNode asked, String field, long otherwise) {
    JsonNode value = asked.get(field);
    if (value == null) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException(
          "field '%s' is no whole number of bytes: %s".formatted(field, shown(value)));
    }
    return value.asLong();
  }

  private static String shown(JsonNode value) {
    return Json.cut(value.toString(), MOST_ECHOED);
  }

  private static List<String> with(String first, List<String> rest) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(rest);
    return List.copyOf(all);
  }

  // --- limits ---------------------------------------------------------------------------------

  /** A text is cut until it fits; anything else is refused with what would help. */
  private byte[] fitting(String name, JsonNode result) {
    int limit = json.limitBytes();
    byte[] reply = Json.bytes(json.answer(name, result));
    if (reply.length <= limit) {
      return reply;
    }
    if (!result.path("text").isString()) {
      return refused(
          name,
          "the answer of %d B is longer than the %d B that are allowed; ask for less: one pool, or a longer time"
              .formatted(reply.length, limit));
    }
    String text = result.path("text").asString();
    int chars = text.length();
    while (reply.length > limit && chars > 0) {
      chars = (int) Math.min(chars - 1L, (long) chars * limit / reply.length - 1);
      String kept = Json.cut(text, Math.max(0, chars));
      reply = Json.bytes(json.answer(name, text(kept, text.length() - kept.length())));
    }
    return reply;
  }
}
