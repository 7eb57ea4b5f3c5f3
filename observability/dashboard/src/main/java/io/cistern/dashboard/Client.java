package io.cistern.dashboard;

import io.cistern.BlockMap;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One client: what it knows, what it has subscribed to, and what it asks for. A subscription is a
 * setting, not a thing: a thousand of them are as many as the last.
 *
 * <p>Messages come one at a time, from the server; {@link #push} is called by the hub's thread.
 * Whatever a client sends, it gets an answer; only a message that is too large, or a wrong token,
 * ends the connection.
 */
final class Client {
  static final int MOST_MESSAGE_BYTES = 64 * 1024;
  private static final int LEAST_MILLIS = 100;
  private static final int MOST_MILLIS = 60_000;
  private static final int POLICY_VIOLATION = 1008;
  private static final long TOKEN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Set<String> CHANNELS = Set.of("snapshot", "events", "map");

  private final Hub hub;
  private final Access access;
  private final Outbox outbox = new Outbox();
  private final long since = System.nanoTime();
  private volatile @Nullable Link link;
  private volatile boolean isTrusted;

  // set by the client's messages, under the lock of this
  private final TreeSet<String> channels = new TreeSet<>();
  private long intervalNanos = TimeUnit.SECONDS.toNanos(1);
  private long nextNanos = System.nanoTime();
  private long lastEvent;
  private long sequence;
  private long dropped;
  private @Nullable MapFeed map;

  Client(Hub hub, Access access, boolean isTrusted) {
    this.hub = hub;
    this.access = access;
    this.isTrusted = isTrusted;
  }

  void opened(Link opened) {
    link = opened;
    outbox.open(opened);
    send(hub.hello(isTrusted));
    outbox.demand();
  }

  void closed() {
    hub.remove(this);
  }

  void close(int code, String reason) {
    Link open = link;
    if (open != null) {
      open.close(code, reason);
    } else {
      closed();
    }
  }

  // --- what the client sends ------------------------------------------------------------------

  /**
   * A message came.
   *
   * @param text null when it is no text, or not UTF-8
   */
  void received(@Nullable String text) {
    JsonNode id = null;
    try {
      if (text == null) {
        throw new Refusal("bad-message", "a message must be text in UTF-8");
      }
      Request request = Request.parse(text);
      id = request.id();
      answer(request);
    } catch (Refusal refusal) {
      send(Json.error(id, refusal));
    } catch (RuntimeException failed) {
      send(Json.error(id, new Refusal("failed", String.valueOf(failed.getMessage()))));
    }
    outbox.demand();
  }

  private void answer(Request request) {
    if (request.type().equals("auth")) {
      authenticate(request);
      return;
    }
    if (!isTrusted) {
      throw new Refusal("unauthorized", "send {\"type\":\"auth\",\"token\":…} first");
    }
    switch (request.type()) {
      case "subscribe" -> reply(request, subscribe(request));
      case "unsubscribe" -> reply(request, unsubscribe(request));
      case "history" -> reply(request, hub.history());
      case "block" -> reply(request, block(request));
      case "command" -> hub.commands.run(request, result -> reply(request, result), this::refused);
      default ->
          throw new Refusal(
              "unknown-type",
              "type '%s': must be auth, subscribe, unsubscribe, history, block or command"
                  .formatted(request.type()));
    }
  }

  private void authenticate(Request request) {
    if (access.isToken(request.text("token"))) {
      isTrusted = true;
      reply(request, Json.MAPPER.createObjectNode());
      send(hub.hello(true));
      return;
    }
    send(Json.error(request.id(), new Refusal("unauthorized", "wrong token")));
    close(POLICY_VIOLATION, "wrong token");
  }

  private synchronized ObjectNode subscribe(Request request) {
    List<String> wanted = request.choices("channels", CHANNELS);
    long millis =
        request.has("intervalMillis")
            ? request.number("intervalMillis", LEAST_MILLIS, MOST_MILLIS)
            : TimeUnit.NANOSECONDS.toMillis(intervalNanos);
    if (wanted.contains("map")) {
      map = new MapFeed(hub.pool(request.text("pool")).name());
    }
    lastEvent = wanted.contains("events") && !channels.contains("events") ? 0 : lastEvent;
    channels.addAll(wanted);
    intervalNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    nextNanos = System.nanoTime();
    return subscriptions();
  }

  private synchronized ObjectNode unsubscribe(Request request) {
    List<String> unwanted = request.choices("channels", CHANNELS);
    unwanted.forEach(channels::remove);
    map = channels.contains("map") ? map : null;
    return subscriptions();
  }

  private ObjectNode subscriptions() {
    ObjectNode now = Json.MAPPER.createObjectNode();
    channels.forEach(now.putArray("channels")::add);
    now.put("intervalMillis", TimeUnit.NANOSECONDS.toMillis(intervalNanos));
    return map == null ? now : now.put("pool", map.pool());
  }

  private ObjectNode block(Request request) {
    BlockMap shown;
    synchronized (this) {
      shown = map == null ? null : map.last();
    }
    if (shown == null) {
      throw new Refusal("bad-message", "no map was sent yet: subscribe to channel 'map' first");
    }
    if (shown.size() == 0) {
      throw new Refusal(
          "bad-value", "pool '%s' is closed, it has no blocks".formatted(shown.pool()));
    }
    int cell = (int) request.number("cell", 0, shown.size() - 1L);
    return BlockText.of(shown.pool(), shown.block(cell));
  }

  private void reply(Request request, JsonNode result) {
    send(Json.reply(request.id(), result));
  }

  private void refused(Request request, Refusal refusal) {
    send(Json.error(request.id(), refusal));
  }

  private void send(ObjectNode message) {
    outbox.send(true, Json.bytes(message));
  }

  // --- what the client gets -------------------------------------------------------------------

  /** Whether it has not connected, or not said who it is, for too long. */
  boolean isOverdue(long now) {
    return (!isTrusted || link == null) && now - since > TOKEN_NANOS;
  }

  /** Sends what there is, due or not. */
  synchronized void pushNow(Hub.Look look) {
    nextNanos = look.nanos();
    push(look);
  }

  /** Sends what is due, or skips it while the last is still under way. */
  synchronized void push(Hub.Look look) {
    if (channels.isEmpty() || look.nanos() - nextNanos < 0) {
      return;
    }
    nextNanos += intervalNanos;
    if (look.nanos() - nextNanos > 0) {
      nextNanos = look.nanos() + intervalNanos;
    }
    if (!outbox.isIdle()) {
      dropped++;
      return;
    }
    if (channels.contains("snapshot")) {
      outbox.send(true, look.snapshot(++sequence, dropped));
    }
    if (channels.contains("events") && look.lastEvent() > lastEvent) {
      send(look.eventsAfter(lastEvent));
      lastEvent = look.lastEvent();
    }
    if (map != null) {
      pushMap(map, look);
    }
  }

  private void pushMap(MapFeed feed, Hub.Look look) {
    BlockMap now = look.map(feed.pool());
    if (now.size() > MapFeed.MOST_CELLS) {
      channels.remove("map");
      map = null;
      send(
          Json.error(
              null,
              new Refusal(
                  "too-large",
                  "pool '%s' has %d blocks: maps of up to %d are sent"
                      .formatted(now.pool(), now.size(), MapFeed.MOST_CELLS))));
      return;
    }
    ObjectNode layout = feed.layout(now);
    if (layout != null) {
      send(layout);
    }
    ByteBuffer frame = feed.frame(now, look.timeMillis());
    outbox.send(false, frame);
  }
}
