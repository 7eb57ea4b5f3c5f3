package io.cistern.dashboard;

import io.cistern.BlockMap;
import io.cistern.ManagerStats;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The clients, and the one thread that looks at the pools for all of them: each look takes what
 * somebody is due, once, however many they are.
 *
 * <pre>
 * ten times a second  who is due? ──► one snapshot, one map a pool ──► each of them
 * once a second       one snapshot ──► history, and events found by comparing it with the last
 * </pre>
 */
final class Hub implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.cistern.dashboard");
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LAST_LOOK_MILLIS = 1000;
  private static final int GOING_AWAY = 1001;
  private static final int POLICY_VIOLATION = 1008;

  final Commands commands;
  private final PoolManager manager;
  private final int mostClients;
  private final AtomicInteger places = new AtomicInteger();
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();
  private final History history;
  private final EventFeed events;
  private final Thread looker = new Thread(this::run, "cistern-dashboard-looks");
  private volatile boolean closed;

  Hub(PoolManager manager, boolean mayChange, int historySeconds, int mostClients) {
    this.manager = manager;
    this.mostClients = mostClients;
    this.history = new History(historySeconds);
    this.events = new EventFeed(manager.stats());
    this.commands = new Commands(manager, mayChange);
    looker.setDaemon(true);
  }

  void start() {
    manager.addListener(events);
    looker.start();
  }

  // --- clients --------------------------------------------------------------------------------

  int mostClients() {
    return mostClients;
  }

  int clients() {
    return clients.size();
  }

  /** A place for one more; null when all are taken. */
  @Nullable Client connect(Access access, boolean isTrusted) {
    if (places.incrementAndGet() > mostClients || closed) {
      places.decrementAndGet();
      return null;
    }
    Client client = new Client(this, access, isTrusted);
    clients.add(client);
    return client;
  }

  void remove(Client client) {
    if (clients.remove(client)) {
      places.decrementAndGet();
    }
  }

  MemoryPool pool(String name) {
    try {
      return manager.pool(name);
    } catch (IllegalArgumentException unknown) {
      throw new Refusal("unknown-pool", String.valueOf(unknown.getMessage()));
    }
  }

  ObjectNode history() {
    return history.all();
  }

  /** What a client gets first; the rest is for those who may look. */
  ObjectNode hello(boolean isTrusted) {
    ObjectNode hello = Json.message("hello").put("server", "cistern").put("authorized", isTrusted);
    if (isTrusted) {
      hello.put("mayChange", commands.mayChange());
      ArrayNode names = hello.putArray("commands");
      commands.names().forEach(names::add);
      ArrayNode pools = hello.putArray("pools");
      manager.pools().forEach(pool -> pools.add(pool.name()));
    }
    return hello;
  }

  // --- looks ----------------------------------------------------------------------------------

  private void run() {
    long nextSecond = System.nanoTime();
    while (!closed) {
      long now = System.nanoTime();
      try {
        boolean isSecond = now - nextSecond >= 0;
        nextSecond = isSecond ? now + SECOND_NANOS : nextSecond;
        look(new Look(now, System.currentTimeMillis()), isSecond);
      } catch (RuntimeException | Error failed) { // the next look may succeed
        LOG.log(System.Logger.Level.WARNING, "the pools could not be looked at", failed);
      }
      LockSupport.parkNanos(LOOK_NANOS - (System.nanoTime() - now));
    }
  }

  private void look(Look look, boolean isSecond) {
    if (isSecond) {
      history.add(look.stats());
      events.compare(look.stats());
    }
    for (Client client : clients) {
      if (client.isOverdue(look.nanos)) {
        client.close(POLICY_VIOLATION, "no token within 10 s");
      } else {
        client.push(look);
      }
    }
  }

  /** One moment, each part of which is looked at when the first client is due for it. */
  final class Look {
    private final long nanos;
    private final long timeMillis;
    private final Map<String, BlockMap> maps = new HashMap<>();
    private @Nullable ManagerStats stats;
    private @Nullable String text;

    private Look(long nanos, long timeMillis) {
      this.nanos = nanos;
      this.timeMillis = timeMillis;
    }

    long nanos() {
      return nanos;
    }

    long timeMillis() {
      return timeMillis;
    }

    ManagerStats stats() {
      ManagerStats taken = stats;
      if (taken == null) {
        taken = manager.stats();
        stats = taken;
      }
      return taken;
    }

    BlockMap map(String pool) {
      return maps.computeIfAbsent(pool, name -> BlockMap.of(manager.pool(name)));
    }

    /** The message, with the client's own figures before the snapshot that all get. */
    ByteBuffer snapshot(long sequence, long dropped) {
      String taken = text;
      if (taken == null) {
        taken = Json.MAPPER.writeValueAsString(stats());
        text = taken;
      }
      String head =
          Json.message("snapshot").put("sequence", sequence).put("dropped", dropped).toString();
      String message = head.substring(0, head.length() - 1) + ",\"stats\":" + taken + "}";
      return ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
    }

    long lastEvent() {
      return events.last();
    }

    ObjectNode eventsAfter(long sequence) {
      return events.after(sequence);
    }
  }

  /** Shows the end to all clients, and says goodbye. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(looker);
    awaitLastLook();
    manager.removeListener(events);
    Look end = new Look(System.nanoTime(), System.currentTimeMillis());
    for (Client client : clients) {
      client.pushNow(end);
      client.close(GOING_AWAY, "the dashboard was closed");
    }
    commands.close();
  }

  private void awaitLastLook() {
    try {
      looker.join(LAST_LOOK_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
