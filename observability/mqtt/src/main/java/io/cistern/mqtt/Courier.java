package io.cistern.mqtt;

import io.cistern.ManagerStats;
import io.cistern.PoolManager;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of the diagnostics. It alone connects, takes snapshots, writes JSON, does what is
 * asked for, and knows what state all that is in; so nothing of it needs a lock, and nobody else
 * ever waits for the broker.
 *
 * <pre>
 * threads that allocate     --- EventRing ---&gt;  courier  --- Connection ---&gt;  broker
 * the connection's thread   --- mailbox   ---&gt;
 * </pre>
 *
 * Each turn it empties the mailbox, does what is due, and sleeps until something else is, or until
 * it is woken. Threads that allocate wake it only while it sleeps and there is a connection: an
 * event costs them no system call while nobody can be reached, or while it is busy anyway.
 */
final class Courier implements Runnable, Connection.Owner, Outbox.Report {
  private static final System.Logger LOG = System.getLogger("io.cistern.mqtt");
  private static final int MOST_COMMANDS_WAITING = 256;
  private static final int PACKET_OVERHEAD = 2048; // two topics, correlation data, headers
  private static final int LEAST_PAYLOAD = 512;
  private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FAREWELL_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
  private static final long LEAVE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Settings settings;
  private final PoolManager manager;
  private final Json json;
  private final EventRing ring;
  private final Ears ears;
  private final Outbox outbox;
  private final Commands commands;
  private final Thread thread;
  private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger commandsWaiting = new AtomicInteger();

  private volatile boolean wakesOnEvents;
  private volatile boolean connected;
  private volatile boolean closing;

  private @Nullable Connection connection;
  private long connectedMillis;
  private long connectedNanos;
  private int failures; // in a row; a connection that did not last counts as one
  private long nextAttemptNanos = System.nanoTime();
  private long nextHealthNanos;
  private long healthSeq;
  private final Set<String> complaints = new HashSet<>();
  private boolean healthUnderWay;
  private boolean configUnderWay;
  private byte[] configSaid = {}; // or found to be what ends connections
  private long farewellUntilNanos;
  private boolean saidFarewell;
  private boolean troubled;
  private boolean done;

  Courier(PoolManager manager, Settings settings) {
    this.manager = manager;
    this.settings = settings;
    String session = "%08x".formatted(ThreadLocalRandom.current().nextInt());
    json = new Json(settings, session, System.currentTimeMillis());
    ring = new EventRing(settings.eventBuffer());
    outbox = new Outbox(ring, json, settings.topics().event(), this);
    commands = new Commands(manager, json);
    thread = daemon("cistern-mqtt", this);
    ears = new Ears(manager, this::happened);
  }

  private static Thread daemon(String name, Runnable task) {
    return Thread.ofPlatform()
        .name(name)
        .daemon()
        .inheritInheritableThreadLocals(false)
        .unstarted(task);
  }

  void start() {
    thread.start();
  }

  boolean isConnected() {
    return connected;
  }

  /** Says goodbye, if anybody is there to hear it; returns in two seconds at the latest. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.NANOSECONDS.toMillis(FAREWELL_NANOS + LEAVE_NANOS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // --- called by others -----------------------------------------------------------------------

  private void happened(Event event) {
    ring.offer(event);
    if (wakesOnEvents) {
      LockSupport.unpark(thread);
    }
  }

  private void post(Runnable task) {
    mailbox.add(task);
    LockSupport.unpark(thread);
  }

  @Override
  public void opened(Connection opened, long mostPacketBytes) {
    post(() -> begin(opened, mostPacketBytes));
    if (closing) { // and perhaps nobody is left to empty the mailbox
      opened.close();
    }
  }

  @Override
  public void ended(Connection ended, String reason, Connection.End how) {
    post(() -> end(ended, reason, how));
  }

  @Override
  public void arrived(Connection from, Request request) {
    if (commandsWaiting.incrementAndGet() > MOST_COMMANDS_WAITING) {
      commandsWaiting.decrementAndGet();
      request.done().run(); // brokers pass on some twenty that are not acknowledged, not so many
    } else {
      post(() -> obey(from, request));
    }
  }

  @Override
  public void settled(long seq, Delivery delivery) {
    post(() -> note(outbox.settle(seq, delivery), "an event"));
  }

  // --- the thread -----------------------------------------------------------------------------

  @Override
  public void run() {
    while (!done) {
      long sleep = TimeUnit.SECONDS.toNanos(1);
      try {
        sleep = turn(System.nanoTime());
        troubled = false;
      } catch (RuntimeException | Error thrown) {
        trouble(thrown);
      }
      if (sleep > 0 && mailbox.isEmpty() && !done) {
        LockSupport.parkNanos(this, sleep);
      }
      wakesOnEvents = false;
    }
  }

  /** Logs the first of several in a row. */
  private void trouble(Throwable thrown) {
    if (!troubled) {
      LOG.log(System.Logger.Level.WARNING, "MQTT diagnostics went wrong, and go on", thrown);
    }
    troubled = true;
  }

  /** Does what is due; how long nothing will be, in nanoseconds. */
  private long turn(long now) {
    for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
      task.run();
    }
    if (closing) {
      return leave(now);
    }
    if (connection == null && now - nextAttemptNanos >= 0) {
      connect();
    }
    boolean flooded = ears.settle(now);
    if (connected && now - nextHealthNanos >= 0) {
      health(now);
    }
    wakesOnEvents = connected;
    pump();
    return Math.min(untilDue(now), flooded ? Flood.WINDOW_NANOS : Long.MAX_VALUE);
  }

  private void pump() {
    Connection open = connection;
    if (connected && open != null) {
      outbox.pump(open);
    }
  }

  private long untilDue(long now) {
    if (connected) {
      return nextHealthNanos - now;
    }
    return connection == null ? nextAttemptNanos - now : settings.interval().toNanos();
  }

  // --- connecting -----------------------------------------------------------------------------

  private void connect() {
    Connection next =
        new Connection(settings, task -> daemon("cistern-mqtt-io", task).start(), this);
    connection = next;
    connectedMillis = System.currentTimeMillis();
    next.open(json.offline("lost", connectedMillis));
  }

  private void begin(Connection opened, long mostPacketBytes) {
    if (opened != connection || closing) {
      opened.close();
      return;
    }
    LOG.log(System.Logger.Level.INFO, "MQTT: {0} is connected", settings);
    connected = true;
    connectedNanos = System.nanoTime();
    complaints.clear();
    healthUnderWay = false;
    configUnderWay = false;
    json.limit(Math.max(LEAST_PAYLOAD, mostPacketBytes - PACKET_OVERHEAD));
    say(settings.topics().state(), json.online(connectedMillis), Connection.Manner.KEPT);
    if (settings.commands()) {
      opened.hear(settings.topics().command(), why -> post(() -> note(why, "to hear commands")));
    }
    nextHealthNanos = System.nanoTime();
  }

  private void end(Connection ended, String reason, Connection.End how) {
    if (ended != connection) {
      return;
    }
    boolean takenOver = how == Connection.End.TAKEN_OVER;
    outbox.end(how == Connection.End.MISUNDERSTOOD);
    if (how != Connection.End.MISUNDERSTOOD || !configUnderWay) {
      configSaid = new byte[0];
    }
    boolean news = connected || failures == 0;
    if (connected && System.nanoTime() - connectedNanos >= STEADY_NANOS) {
      failures = 0;
    }
    connection = null;
    connected = false;
    nextAttemptNanos = System.nanoTime() + pauseNanos(takenOver);
    failures++;
    if (news && !closing) {
      LOG.log(
          System.Logger.Level.WARNING,
          "MQTT: {0} is not connected: {1}; up to {2} events wait, and it is tried again",
          settings,
          takenOver ? "another client came with the id " + settings.clientId() : reason,
          String.valueOf(settings.eventBuffer()));
    }
  }

  /** Half of it is chance; but who was sent away by another of his name stays away for long. */
  private long pauseNanos(boolean takenOver) {
    long millis = settings.retry().millis(takenOver ? Integer.MAX_VALUE : failures);
    long chance = takenOver ? 0 : ThreadLocalRandom.current().nextLong(millis / 2 + 1);
    return TimeUnit.MILLISECONDS.toNanos(millis - chance);
  }

  /** One line a kind and connection, however often it is refused. */
  private void note(@Nullable String refused, String what) {
    if (refused != null && complaints.add(what)) {
      LOG.log(System.Logger.Level.WARNING, "MQTT: the broker refused {0}: {1}", what, refused);
    }
  }

  // --- saying ---------------------------------------------------------------------------------

  private void say(String topic, byte[] payload, Connection.Manner manner) {
    Connection open = connection;
    if (open != null) {
      open.send(topic, payload, manner, delivery -> refused(topic, delivery));
    }
  }

  private void refused(String what, Delivery delivery) {
    if (delivery.outcome() == Delivery.Outcome.REFUSED) {
      post(() -> note(delivery.reason(), what));
    }
  }

  /** One that is still under way, because the broker reads slowly, is not followed by another. */
  private void health(long now) {
    nextHealthNanos = now + settings.interval().toNanos();
    Connection open = connection;
    if (healthUnderWay || open == null) {
      return;
    }
    ManagerStats stats = manager.stats();
    healthUnderWay = true;
    open.send(
        settings.topics().health(),
        json.health(healthSeq++, outbox.counts(), stats),
        Connection.Manner.FLEETING,
        delivery -> {
          post(() -> healthUnderWay = false);
          refused(settings.topics().health(), delivery);
        });
    config(stats);
  }

  private void config(ManagerStats stats) {
    byte[] config = json.config(manager, stats);
    Connection open = connection;
    if (open != null && !Arrays.equals(config, configSaid)) {
      configSaid = config;
      configUnderWay = true;
      open.send(
          settings.topics().config(),
          config,
          Connection.Manner.KEPT,
          delivery -> {
            post(() -> configUnderWay = delivery.outcome() == Delivery.Outcome.LOST);
            refused(settings.topics().config(), delivery);
          });
    }
  }

  // --- commands -------------------------------------------------------------------------------

  private void obey(Connection from, Request request) {
    commandsWaiting.decrementAndGet();
    if (from != connection || closing) {
      return;
    }
    String wanted = request.responseTopic();
    if (wanted != null && !settings.topics().isForReplies(wanted)) {
      reply(from, request.plain(), commands.refused(null, "no replies go to " + wanted));
    } else if (!request.isAnswerable()) {
      reply(from, request.plain(), commands.refused(null, "more than 1024 B of correlation data"));
    } else {
      reply(from, request, commands.answer(request.bytes()));
      config(manager.stats());
    }
  }

  private void reply(Connection from, Request to, byte[] payload) {
    String topic = to.responseTopic() == null ? settings.topics().reply() : to.responseTopic();
    from.reply(
        topic,
        payload,
        to,
        delivery -> {
          to.done().run();
          refused(topic, delivery);
        });
  }

  // --- leaving --------------------------------------------------------------------------------

  /** Sends what is left, says offline, disconnects: each only as long as there is time. */
  private long leave(long now) {
    if (farewellUntilNanos == 0) {
      farewellUntilNanos = now + FAREWELL_NANOS;
      ears.close();
    }
    Connection open = connection;
    boolean late = now - farewellUntilNanos >= 0;
    if (open == null || !connected || late) {
      done = true;
      if (open != null) {
        open.close();
      }
      return 0;
    }
    pump();
    if (!saidFarewell && (outbox.isEmpty() || isHalfOver(now))) {
      saidFarewell = true;
      open.send(
          settings.topics().state(),
          json.offline("closed", connectedMillis),
          Connection.Manner.KEPT,
          delivery -> post(open::close));
    }
    return Math.max(1, (farewellUntilNanos - now) / 2);
  }

  private boolean isHalfOver(long now) {
    return farewellUntilNanos - now < FAREWELL_NANOS / 2;
  }
}
