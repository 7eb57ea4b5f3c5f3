package io.cistern.gateway;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A steady stream beside the frames: fifty times a second samples are copied from a static buffer,
 * into which a sound card would write, into a block of the pool named {@value #POOL}, which another
 * thread plays and frees. The two never touch the frames' pool, so neither can starve the other.
 */
public final class AudioStream implements AutoCloseable {
  /** The pool whose blocks hold samples on their way. */
  public static final String POOL = "audio";

  /** The static buffer that the input writes to. */
  public static final String INPUT = "i2s-input";

  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int SAMPLES = 1024;
  private static final int BYTES = SAMPLES * Integer.BYTES;

  private final MemoryPool pool;
  private final MemorySegment input;
  private final LinkedBlockingQueue<MemoryBlock> playing = new LinkedBlockingQueue<>();
  private final LongAdder late = new LongAdder();
  private final LongAdder loudness = new LongAdder();
  private final Thread recorder;
  private final Thread player;
  private volatile boolean closed;

  private AudioStream(MemoryPool pool, MemorySegment input) {
    this.pool = pool.stats().labels().isEmpty() ? pool : pool.labelled("i2s samples");
    this.input = input;
    for (long at = 0; at < input.byteSize() / Integer.BYTES; at++) {
      input.setAtIndex(ValueLayout.JAVA_INT, at, (int) (Math.sin(at / 16.0) * (1 << 20)));
    }
    player = Thread.ofPlatform().name("audio-player").daemon().start(this::play);
    recorder = Thread.ofPlatform().name("audio-recorder").daemon().start(this::record);
  }

  /**
   * Starts the stream of a manager that has a pool and a static buffer for it.
   *
   * @param pools stay the caller's
   * @return null when no pool is named {@value #POOL}, or no static buffer {@value #INPUT}
   */
  public static @Nullable AudioStream in(PoolManager pools) {
    MemorySegment input = pools.buffers().get(INPUT);
    boolean has = pools.stats().pools().stream().map(PoolStats::pool).anyMatch(POOL::equals);
    return has && input != null && input.byteSize() >= BYTES
        ? new AudioStream(pools.pool(POOL), input)
        : null;
  }

  private void record() {
    long offset = 0;
    for (long next = System.nanoTime(); !closed; next += PERIOD_NANOS) {
      MemoryBlock block = pool.tryAllocate(BYTES);
      if (block == null) {
        late.increment();
      } else {
        MemorySegment.copy(input, offset, block.segment(), 0, BYTES);
        playing.add(block);
      }
      offset = (offset + BYTES) % (input.byteSize() - BYTES + 1) / BYTES * BYTES;
      LockSupport.parkNanos(next + PERIOD_NANOS - System.nanoTime());
    }
  }

  private void play() {
    try {
      while (true) {
        try (MemoryBlock block = playing.take()) {
          loudness.add(Math.abs(block.segment().getAtIndex(ValueLayout.JAVA_INT, SAMPLES / 2)));
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the stream; no block is held afterwards. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(recorder);
    try {
      recorder.join();
      player.interrupt();
      player.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    for (MemoryBlock left = playing.poll(); left != null; left = playing.poll()) {
      left.close();
    }
  }
}
