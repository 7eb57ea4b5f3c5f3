package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.arrow.Memory.Opened;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streams written and read again by several threads at once, in pools too small for all of them,
 * while things go wrong: an allocator's limit, a stream that breaks off, a sink that is full, a
 * consumer that throws, and the pools themselves when they are exhausted. Whatever happened, the
 * allocators of that round close, which they refuse while a buffer is live; and what was read is
 * what was written. Lasts until each of these has happened. Time budget: 6 seconds.
 *
 * <p>Longer: {@code -Dsoak.seconds=600 -Djunit.jupiter.execution.timeout.mode=disabled}.
 */
@Timeout(60)
class RoundTripsTest {
  private static final Duration LASTING = Duration.ofSeconds(Long.getLong("soak.seconds", 3));
  private static final int THREADS = 6;
  private static final int MOST_BATCHES = 4;
  private static final int MOST_ROWS = 2000;
  private static final int LARGE_POOL_BYTES = 1 << 20;

  /** What goes wrong in a round; what comes of it is counted under the same names. */
  private enum Mishap {
    NONE,
    LIMIT,
    BROKEN_STREAM,
    FULL_SINK,
    CONSUMER,
    EXHAUSTED
  }

  /** Thrown by a consumer. */
  private static final class EnoughException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final List<Mishap> PLANNED =
      Arrays.stream(Mishap.values()).filter(mishap -> mishap != Mishap.EXHAUSTED).toList();

  private final Map<Mishap, AtomicLong> rounds = new EnumMap<>(Mishap.class);

  RoundTripsTest() {
    Arrays.stream(Mishap.values()).forEach(mishap -> rounds.put(mishap, new AtomicLong()));
  }

  @Test
  void whateverGoesWrongNothingStaysLive() throws Exception {
    long seed = System.nanoTime();
    System.out.println("RoundTripsTest, seed " + seed);
    MemoryPool small = MemoryPool.builder().name("small").tier(1024, 64).tier(8192, 32).build();
    MemoryPool large = MemoryPool.builder().name("large").variable(LARGE_POOL_BYTES).build();
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(small, large);
    try (Opened opened = new Opened(Memory.root(ours), ours, List.of(small, large))) {
      long end = System.nanoTime() + LASTING.toNanos();
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          Random random = new Random(seed + thread);
          all.add(threads.submit(roundsUntil(end, opened.root(), random)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
      System.out.println(rounds + " rounds, " + allocations(opened) + " allocations");
    } // which finds what is live, and what is not sound
  }

  private static long allocations(Opened opened) {
    return opened.given().stream().map(MemoryPool::stats).mapToLong(PoolStats::allocations).sum();
  }

  private Callable<Boolean> roundsUntil(long end, BufferAllocator root, Random random) {
    return () -> {
      while (System.nanoTime() < end || !everythingHappened()) {
        Mishap planned = PLANNED.get(random.nextInt(PLANNED.size()));
        Objects.requireNonNull(rounds.get(round(root, random, planned))).incrementAndGet();
      }
      return true;
    };
  }

  private boolean everythingHappened() {
    return rounds.values().stream().allMatch(count -> count.get() > 0);
  }

  /** What became of it. */
  private static Mishap round(BufferAllocator root, Random random, Mishap planned)
      throws IOException {
    long limit = planned == Mishap.LIMIT ? 60_000 + random.nextInt(300_000) : Long.MAX_VALUE;
    int first = random.nextInt();
    int batches = 1 + random.nextInt(MOST_BATCHES);
    int rows = 1 + random.nextInt(MOST_ROWS);
    try (BufferAllocator writing = root.newChildAllocator("writing", 0, limit);
        BufferAllocator reading = root.newChildAllocator("reading", 0, limit)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int room = planned == Mishap.FULL_SINK ? random.nextInt(10_000) : Integer.MAX_VALUE;
      write(writing, new Sink(bytes, room), first, batches, rows);
      byte[] stream = bytes.toByteArray();
      if (planned == Mishap.BROKEN_STREAM) {
        stream = Arrays.copyOf(stream, random.nextInt(stream.length));
      }
      int enough = planned == Mishap.CONSUMER ? random.nextInt(batches) : -1;
      int read = read(reading, stream, first, rows, enough);
      assertThat(read).isBetween(planned == Mishap.BROKEN_STREAM ? 0 : batches, batches);
      return planned == Mishap.BROKEN_STREAM ? planned : Mishap.NONE;
    } catch (OutOfMemoryException refused) {
      assertThat(refused.getSuppressed()).isEmpty();
      return limit < Long.MAX_VALUE ? Mishap.LIMIT : Mishap.EXHAUSTED;
    } catch (EnoughException deliberate) {
      assertThat(deliberate.getSuppressed()).isEmpty();
      return Mishap.CONSUMER;
    } catch (IOException | IllegalArgumentException broken) { // the latter within a length
      assertThat(planned).isIn(Mishap.BROKEN_STREAM, Mishap.FULL_SINK);
      assertThat(broken.getSuppressed()).isEmpty();
      return planned;
    }
  }

  private static void write(BufferAllocator allocator, Sink sink, int first, int batches, int rows)
      throws IOException {
    try (Batches filled = new Batches(allocator);
        ArrowStreamWriter writer =
            new ArrowStreamWriter(filled.rows(), filled.dictionaries(), sink)) {
      try {
        for (int batch = first; batch < first + batches; batch++) {
          filled.fill(batch, rows);
          writer.writeBatch();
        }
      } finally {
        sink.takeAll();
      }
      writer.end();
    }
  }

  private static int read(BufferAllocator allocator, byte[] stream, int first, int rows, int enough)
      throws IOException {
    int batches = 0;
    try (ArrowReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
      for (; reader.loadNextBatch(); batches++) {
        if (batches == enough) {
          throw new EnoughException();
        }
        Batches.check(allocator, reader.getVectorSchemaRoot(), first + batches, rows);
      }
    }
    return batches;
  }

  /**
   * Takes so many bytes, and when the writer is closed all others too: for that writes what is
   * left, and where it cannot Arrow forgets its dictionaries' buffers, on its own memory as well.
   */
  private static final class Sink extends FilterOutputStream {
    private long room;

    Sink(OutputStream to, int room) {
      super(to);
      this.room = room;
    }

    void takeAll() {
      room = Long.MAX_VALUE;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      room -= length;
      if (room < 0) {
        throw new IOException("full");
      }
      out.write(bytes, from, length);
    }
  }
}
