package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threads acquire, retain, slice, hand over and release, and release once more what they released
 * before: every buffer holds what its owner wrote as long as there is a reference, every late
 * release is refused. Time budget: 10 seconds.
 */
@Timeout(120)
class StressTest {
  private static final int STEPS = 60_000;

  private final ConcurrentLinkedQueue<RetainableByteBuffer> handedOver =
      new ConcurrentLinkedQueue<>();
  private final AtomicInteger late = new AtomicInteger();

  @ParameterizedTest
  @EnumSource(
      value = CheckLevel.class,
      names = {"STANDARD", "CHECKED"})
  void everyOwnerKeepsWhatItWrote(CheckLevel level) throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    try (MemoryPool pool =
        MemoryPool.builder()
            .tier(4096, 100)
            .tier(16_384, 70)
            .regions(1, 20, Duration.ofMillis(50))
            .checks(level)
            .build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      List<Future<?>> all = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 6; i++) {
          Random random = new Random(seed + i);
          all.add(threads.submit(() -> run(buffers, random)));
        }
      }
      for (Future<?> each : all) {
        each.get();
      }
      handedOver.forEach(StressTest::checkAndRelease);
      assertThat(late.get()).isPositive();
      assertThat(buffers.getRefusedCount()).isEqualTo(late.get());
      assertThat(pool.stats().checks().damages()).isZero();
      Pools.assertIdle(buffers);
    }
  }

  private void run(CisternByteBufferPool buffers, Random random) {
    Deque<RetainableByteBuffer> mine = new ArrayDeque<>();
    Deque<RetainableByteBuffer> released = new ArrayDeque<>();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> mine.add(filled(buffers, random));
        case 3, 4 -> release(mine, released);
        case 5 -> share(mine, random);
        case 6 -> takeOver();
        default -> releaseAgain(released);
      }
      while (mine.size() > 60) {
        release(mine, released);
      }
    }
    mine.forEach(StressTest::checkAndRelease);
  }

  /** A buffer that holds one number, over and over. */
  private static RetainableByteBuffer filled(CisternByteBufferPool buffers, Random random) {
    RetainableByteBuffer.Mutable buffer =
        buffers.acquire(1 + random.nextInt(16_384), random.nextInt(4) > 0);
    long tag = random.nextLong();
    for (int i = 0; i < 16; i++) {
      buffer.putLong(tag);
    }
    return buffer;
  }

  private static void checkAndRelease(RetainableByteBuffer buffer) {
    ByteBuffer bytes = buffer.getByteBuffer();
    long tag = bytes.getLong(bytes.position());
    for (int at = bytes.position(); at < bytes.limit(); at += Long.BYTES) {
      assertThat(bytes.getLong(at)).isEqualTo(tag);
    }
    buffer.release();
  }

  private static void release(
      Deque<RetainableByteBuffer> mine, Deque<RetainableByteBuffer> released) {
    RetainableByteBuffer buffer = mine.poll();
    if (buffer != null) {
      checkAndRelease(buffer);
      if (!buffer.canRetain()) {
        released.add(buffer);
      }
    }
  }

  /** Gives another thread a reference of its own, by a slice. */
  private void share(Deque<RetainableByteBuffer> mine, Random random) {
    RetainableByteBuffer buffer = mine.peek();
    if (buffer != null && random.nextBoolean()) {
      handedOver.add(buffer.slice(64));
    }
  }

  private void takeOver() {
    RetainableByteBuffer buffer = handedOver.poll();
    if (buffer != null) {
      checkAndRelease(buffer);
    }
  }

  private void releaseAgain(Deque<RetainableByteBuffer> released) {
    RetainableByteBuffer buffer = released.poll();
    if (buffer != null) {
      try {
        buffer.release();
        throw new AssertionError(buffer + " was released twice");
      } catch (IllegalStateException refused) {
        late.incrementAndGet();
      }
    }
  }
}
