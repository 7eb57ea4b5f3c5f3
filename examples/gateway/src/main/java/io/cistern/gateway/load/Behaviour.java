package io.cistern.gateway.load;

import io.cistern.config.Profile.Oversize;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What one client does all day. It streams, and now and then does one of the things that real
 * clients do to a gateway:
 *
 * <ul>
 *   <li>Burst: it sends faster than it reads. The gateway's writes to it back up, each holding its
 *       block, until the pool is exhausted; then it reads again.
 *   <li>Fragments: it sends frames in pieces.
 *   <li>Oversize: it sends a frame that is too large, and expects close code 1009, or to live on.
 *   <li>Vanish: it breaks off between two fragments. Half a frame: it breaks off in the middle of a
 *       frame's bytes.
 * </ul>
 *
 * <p>Each of these starts and ends with every frame answered, so that all are accounted for on both
 * sides.
 */
final class Behaviour implements Runnable {
  /** Something that is done now and then; whether the connection is still open afterwards. */
  @FunctionalInterface
  private interface Act {
    boolean on(Exchange exchange) throws ExchangeFailedException;
  }

  /** An act, and when it is due next. */
  private static final class Habit {
    private final Act act;
    private final long meanMillis;
    private long dueNanos;

    /** All clients together act once in a period; they take turns. */
    Habit(long periodMillis, int index, int clients, Act act) {
      this.act = act;
      this.meanMillis = periodMillis * clients;
      this.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(periodMillis * (index + 1));
    }

    boolean isDue(long now) {
      return dueNanos - now < 0;
    }

    void rest(long now, Random random) {
      long pause = meanMillis / 2 + random.nextLong(meanMillis);
      dueNanos = now + TimeUnit.MILLISECONDS.toNanos(pause);
    }
  }

  private static final int TRAIN = 4;
  private static final int STREAM_TRAINS = 8;
  private static final int BURST_FRAMES = 256;
  private static final int BURST_HANDFUL = 64;
  private static final long BURST_STALL_MILLIS = 10;
  private static final long BURST_HOLD_MILLIS = 10;
  private static final long RETRY_MILLIS = 100;

  private final HttpClient http;
  private final LoadOptions options;
  private final Pace pace;
  private final Semaphore steady;
  private final Tally tally;
  private final BooleanSupplier stopping;
  private final Random random;
  private final List<Habit> habits;
  private long nextId;
  private int bursts;

  /**
   * A client.
   *
   * @param index from 0; the clients take turns in what they do now and then
   * @param steady permits for frames under way, shared by all clients; bursts do without
   */
  Behaviour(
      int index,
      HttpClient http,
      LoadOptions options,
      Pace pace,
      Semaphore steady,
      Tally tally,
      BooleanSupplier stopping) {
    this.http = http;
    this.options = options;
    this.pace = pace;
    this.steady = steady;
    this.tally = tally;
    this.stopping = stopping;
    this.random = new Random(options.seed() + index);
    this.bursts = index;
    this.habits =
        List.of(
            new Habit(1000, index, options.clients(), this::burst),
            new Habit(100, index, options.clients(), this::fragments),
            new Habit(500, index, options.clients(), this::oversize),
            new Habit(1000, index, options.clients(), this::vanish),
            new Habit(1000, index, options.clients(), exchange -> halfFrame()));
  }

  @Override
  public void run() {
    while (!stopping.getAsBoolean()) {
      try {
        connection();
      } catch (ExchangeFailedException failed) {
        tally.failures.increment();
        rest(RETRY_MILLIS);
      }
    }
  }

  private void connection() throws ExchangeFailedException {
    Exchange exchange = Exchange.open(http, options.uri(), tally);
    boolean open = true;
    try {
      while (open && !stopping.getAsBoolean()) {
        stream(exchange);
        open = oneAct(exchange);
      }
      if (open) {
        exchange.close();
      }
    } finally {
      exchange.abort();
    }
  }

  /**
   * Does the first thing that is due, if anything is; whether the connection is still open
   * afterwards.
   */
  private boolean oneAct(Exchange exchange) throws ExchangeFailedException {
    long now = System.nanoTime();
    for (Habit habit : habits) {
      if (habit.isDue(now)) {
        habit.rest(now, random);
        return habit.act.on(exchange);
      }
    }
    return true;
  }

  /** Sends small trains of frames, never more under way in all than the pool has room for. */
  private void stream(Exchange exchange) throws ExchangeFailedException {
    for (int i = 0; i < STREAM_TRAINS && !stopping.getAsBoolean(); i++) {
      int frames = 1 + random.nextInt(Math.min(TRAIN, options.steadyFrames()));
      pace.take(frames);
      steady.acquireUninterruptibly(frames);
      try {
        for (int sent = 0; sent < frames; sent++) {
          exchange.send(payload(anySize()));
        }
        exchange.awaitUnanswered(0);
      } finally {
        steady.release(frames);
      }
    }
  }

  private boolean burst(Exchange exchange) throws ExchangeFailedException {
    int size = burstSize();
    exchange.stall();
    CompletableFuture<WebSocket> last = null;
    try {
      for (int i = 0; i < Math.min(BURST_FRAMES, options.framesPerSecond()); i++) {
        if (i % BURST_HANDFUL == 0) {
          pace.take(Math.min(BURST_HANDFUL, options.framesPerSecond()));
        }
        last = exchange.start(payload(size));
        if (!Exchange.isOnItsWayWithin(last, BURST_STALL_MILLIS)) {
          break;
        }
      }
      rest(BURST_HOLD_MILLIS);
    } finally {
      exchange.resume();
    }
    if (last != null) {
      Exchange.await(last);
    }
    exchange.awaitUnanswered(0);
    return true;
  }

  /** The largest tier is exhausted first, then a tier that can spill, then any. */
  private int burstSize() {
    return switch (bursts++ % 3) {
      case 0 -> limit();
      case 1 -> Math.max(LoadOptions.SMALLEST_FRAME, limit() / 4);
      default -> anySize();
    };
  }

  private boolean fragments(Exchange exchange) throws ExchangeFailedException {
    for (int pieces = 2; pieces <= 5; pieces++) {
      pace.take(1);
      Payload payload = payload(anySize());
      exchange.sendFragments(payload, Math.max(1, payload.size() / pieces));
      exchange.awaitUnanswered(0);
    }
    return true;
  }

  private boolean oversize(Exchange exchange) throws ExchangeFailedException {
    pace.take(1);
    exchange.sendUnanswered(payload(limit() + 1 + random.nextInt(2 * limit())), true);
    tally.oversizedSent.increment();
    if (options.oversize() == Oversize.DROP) {
      exchange.roundTrip();
      return true;
    }
    int code = exchange.awaitClose();
    (code == 1009 ? tally.oversizedRefused : tally.failures).increment();
    return false;
  }

  private boolean vanish(Exchange exchange) throws ExchangeFailedException {
    pace.take(1);
    exchange.sendUnanswered(payload(anySize()), false);
    exchange.roundTrip();
    tally.disconnects.increment();
    return false;
  }

  private boolean halfFrame() throws ExchangeFailedException {
    pace.take(1);
    byte[] bytes = payload(limit()).bytes();
    try (RawClient raw = RawClient.connect(options.uri())) {
      raw.sendHeader(RawClient.BINARY, true, bytes.length);
      raw.sendMasked(bytes, 0, bytes.length / 2);
    } catch (IOException refused) {
      throw new ExchangeFailedException("the connection broke: " + refused);
    }
    tally.disconnects.increment();
    return true;
  }

  private Payload payload(int size) {
    return new Payload(nextId++, random.nextInt(4) == 0, size);
  }

  /** A size up to the limit; every doubling is as likely as the next. */
  private int anySize() {
    double smallest = Math.log(LoadOptions.SMALLEST_FRAME);
    return (int)
        Math.round(Math.exp(smallest + random.nextDouble() * (Math.log(limit()) - smallest)));
  }

  private int limit() {
    return Math.toIntExact(Math.min(options.limitBytes(), 1 << 24));
  }

  private void rest(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
