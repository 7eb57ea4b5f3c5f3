package io.cistern.mqtt;

import io.cistern.ManagerStats;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * The payloads of docs/mqtt.md. The snapshot and the events' records stand in them field by field,
 * by the names that they have in Java, so that every channel calls a figure the same; what is said
 * here is only what goes around them.
 *
 * <p>Nothing is longer than the limit of the moment: what would be is said without its details.
 */
final class Json {
  /** Of the format: fields may be added under the same number, none is renamed or removed. */
  static final int SCHEMA = 1;

  static final int LONGEST_MESSAGE = 2_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .addModule(
              new SimpleModule()
                  .addSerializer(StackTraceElement.class, ToStringSerializer.instance))
          .build();

  private final Settings settings;
  private final String session;
  private final long startedMillis;
  private volatile int limitBytes;

  Json(Settings settings, String session, long startedMillis) {
    this.settings = settings;
    this.session = session;
    this.startedMillis = startedMillis;
    this.limitBytes = settings.maxPayloadBytes();
  }

  /** What this broker takes, if that is less than we allow. */
  void limit(long brokerBytes) {
    limitBytes = (int) Math.min(brokerBytes, settings.maxPayloadBytes());
  }

  int limitBytes() {
    return limitBytes;
  }

  ObjectNode head() {
    return MAPPER
        .createObjectNode()
        .put("schema", SCHEMA)
        .put("node", settings.topics().node())
        .put("session", session);
  }

  static JsonNode parse(byte[] payload) {
    return MAPPER.readTree(payload);
  }

  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static byte[] bytes(JsonNode payload) {
    return MAPPER.writeValueAsBytes(payload);
  }

  // --- state ----------------------------------------------------------------------------------

  byte[] online(long connectedMillis) {
    return bytes(head().put("state", "online").put("connectedMillis", connectedMillis));
  }

  byte[] offline(String reason, long connectedMillis) {
    return bytes(
        head()
            .put("state", "offline")
            .put("reason", reason)
            .put("connectedMillis", connectedMillis));
  }

  // --- configuration --------------------------------------------------------------------------

  byte[] config(PoolManager manager, ManagerStats stats) {
    ObjectNode config =
        head()
            .put("pid", ProcessHandle.current().pid())
            .put("startedMillis", startedMillis)
            .put("intervalMillis", settings.interval().toMillis());
    ArrayNode commands = config.putArray("commands");
    (settings.commands() ? Commands.NAMES : Set.<String>of()).forEach(commands::add);
    config
        .put("eventBuffer", settings.eventBuffer())
        .put("maxPayloadBytes", limitBytes)
        .put("budgetBytes", stats.budgetBytes())
        .set("pressureLimits", tree(manager.pressureLimits()));
    ArrayNode pools = config.putArray("pools");
    stats.pools().forEach(pool -> pools.add(capacity(pool)));
    return within(config, "pools");
  }

  private static ObjectNode capacity(PoolStats pool) {
    ObjectNode shown =
        object().put("pool", pool.pool()).put("checks", pool.checks().level().name());
    ArrayNode tiers = shown.putArray("tiers");
    for (PoolStats.Tier tier : pool.tiers()) {
      tiers
          .addObject()
          .put("blockSizeBytes", tier.blockSizeBytes())
          .put("label", tier.label())
          .put("total", tier.total());
    }
    PoolStats.Variable variable = pool.variable();
    return shown.put("variableBytes", variable == null ? null : variable.totalBytes());
  }

  // --- health and events ----------------------------------------------------------------------

  /**
   * What became of the events since the start.
   *
   * @param sent acknowledged by the broker
   * @param waiting not yet
   * @param dropped that found the buffer full
   * @param refused that the broker did not take
   */
  record Counts(long sent, long waiting, long dropped, long refused) {}

  byte[] health(long seq, Counts events, ManagerStats stats) {
    ObjectNode health =
        head()
            .put("seq", seq)
            .put("intervalMillis", settings.interval().toMillis())
            .put("uptimeMillis", stats.timeMillis() - startedMillis);
    health.set("events", tree(events));
    health.set("stats", tree(stats));
    return within(health, "stats");
  }

  byte[] event(long seq, Event event) {
    ObjectNode shown =
        head()
            .put("seq", seq)
            .put("timeMillis", event.timeMillis())
            .put("type", lower(event.type()))
            .put("severity", lower(event.severity()))
            .put("pool", event.pool())
            .put("count", event.count())
            .put("message", shortened(event.message()));
    shown.set("details", tree(event.shown()));
    return within(shown, "details");
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  private static String shortened(String message) {
    return cut(message, LONGEST_MESSAGE);
  }

  // --- replies --------------------------------------------------------------------------------

  private ObjectNode reply(@Nullable String command, boolean ok) {
    return head()
        .put("timeMillis", System.currentTimeMillis())
        .put("command", command)
        .put("ok", ok);
  }

  ObjectNode answer(String command, JsonNode result) {
    ObjectNode reply = reply(command, true);
    reply.set("result", result);
    return reply;
  }

  ObjectNode error(@Nullable String command, String message) {
    return reply(command, false).put("error", shortened(message));
  }

  /** The beginning of a text, no character of it halved. */
  static String cut(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    boolean halved = chars > 0 && Character.isHighSurrogate(text.charAt(chars - 1));
    return text.substring(0, halved ? chars - 1 : chars);
  }

  // --- limits ---------------------------------------------------------------------------------

  /** Says a payload without one of its fields, if it is too long with it. */
  private byte[] within(ObjectNode payload, String field) {
    byte[] all = bytes(payload);
    if (all.length <= limitBytes) {
      return all;
    }
    payload.putNull(field);
    payload.put(
        "note",
        "%s is left out: with it these were %d B, and %d B is the limit"
            .formatted(field, all.length, limitBytes));
    return bytes(payload);
  }
}
