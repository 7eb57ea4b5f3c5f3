package io.cistern.gateway;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What happens in the gateway, as events that live in blocks of the pool named {@value #POOL}: each
 * is written into a block of just its size by the thread to which it happens, and read and freed by
 * another. An event that finds no memory is counted and dropped; frames never wait for events. Of a
 * pool that keeps labels, each kind of event has its own.
 *
 * <p>Safe for use by several threads.
 */
public final class EventLog implements AutoCloseable {
  /** The pool whose blocks hold events. */
  public static final String POOL = "general";

  /** What can happen. */
  enum Kind {
    CLIENT_OPENED("client opened"),
    CLIENT_CLOSED("client closed"),
    FRAME_DROPPED("frame dropped");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private record Event(MemoryBlock block) {}

  private final Map<Kind, MemoryPool> pools = new EnumMap<>(Kind.class);
  private final LinkedBlockingQueue<Event> queue = new LinkedBlockingQueue<>();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final Thread reader;

  private EventLog(MemoryPool pool) {
    boolean labels = !pool.stats().labels().isEmpty();
    for (Kind kind : Kind.values()) {
      pools.put(kind, labels ? pool.labelled(kind.text) : pool);
    }
    reader = Thread.ofPlatform().name("gateway-events").daemon().start(this::read);
  }

  /**
   * The event log of a manager that has a pool for it.
   *
   * @param pools stay the caller's
   * @return null when no pool is named {@value #POOL}
   */
  public static @Nullable EventLog in(PoolManager pools) {
    return pools.stats().pools().stream().map(PoolStats::pool).anyMatch(POOL::equals)
        ? new EventLog(pools.pool(POOL))
        : null;
  }

  void happened(Kind kind, long detail) {
    byte[] text = (kind.text + ' ' + detail).getBytes(StandardCharsets.UTF_8);
    MemoryBlock block =
        pools.getOrDefault(kind, pools.values().iterator().next()).tryAllocate(text.length);
    if (block == null) {
      dropped.increment();
      return;
    }
    block.byteBuffer().put(text);
    queue.add(new Event(block));
  }

  private void read() {
    try {
      while (true) {
        try (MemoryBlock block = queue.take().block()) {
          bytesRead.add(block.byteBuffer().remaining());
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the reader; events that it has not read are dropped, their blocks are free. */
  @Override
  public void close() {
    reader.interrupt();
    try {
      reader.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    for (Event left = queue.poll(); left != null; left = queue.poll()) {
      left.block().close();
      dropped.increment();
    }
  }
}
