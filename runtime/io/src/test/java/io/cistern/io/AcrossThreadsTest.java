package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two threads on one pipe, two on one chain that one of them closes. Budget: 15 s. */
@Timeout(120)
class AcrossThreadsTest {
  private static final int TOTAL = 2_000_000;

  private final MemoryPool pool = MemoryPool.builder().name("p").tier(64, 40).build();

  private static <T> FutureTask<T> start(boolean virtual, Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    ThreadFactory threads = virtual ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
    threads.newThread(future).start();
    return future;
  }

  private static void fill(byte[] chunk, int length, int from) {
    for (int i = 0; i < length; i++) {
      chunk[i] = (byte) ((from + i) % 251);
    }
  }

  /** Chunks of random lengths on both sides; two pipes share a pool with too few blocks. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyByteArrivesInOrder(boolean virtual) throws Exception {
    SplittableRandom random = Seed.random("AcrossThreadsTest everyByteArrivesInOrder");
    try (BlockPipe first = BlockPipe.open(pool, 64, 2_000);
        BlockPipe second = BlockPipe.open(pool, 64, 1_900)) {
      FutureTask<Integer> writing = writer(virtual, first, random.split());
      FutureTask<Integer> otherWriting = writer(virtual, second, random.split());
      FutureTask<Integer> reading = reader(virtual, first, random.split());
      FutureTask<Integer> otherReading = reader(virtual, second, random.split());
      for (FutureTask<Integer> task : List.of(writing, otherWriting, reading, otherReading)) {
        assertThat(task.get(100, TimeUnit.SECONDS)).isEqualTo(TOTAL);
      }
      assertThat(pool.stats().used()).isZero();
    }
    PoolKind.close(pool);
  }

  private static FutureTask<Integer> writer(
      boolean virtual, BlockPipe pipe, SplittableRandom random) {
    return start(
        virtual,
        () -> {
          byte[] chunk = new byte[3_000];
          int written = 0;
          try (OutputStream out = pipe.outputStream(null)) {
            while (written < TOTAL) {
              int length = Math.min(TOTAL - written, random.nextInt(chunk.length));
              fill(chunk, length, written);
              out.write(chunk, 0, length);
              written += length;
            }
          }
          return written;
        });
  }

  private static FutureTask<Integer> reader(
      boolean virtual, BlockPipe pipe, SplittableRandom random) {
    return start(
        virtual,
        () -> {
          byte[] chunk = new byte[3_000];
          byte[] expected = new byte[3_000];
          int total = 0;
          try (InputStream in = pipe.inputStream(null)) {
            while (true) {
              int some = in.read(chunk, 0, random.nextInt(1, chunk.length));
              if (some < 0) {
                return total;
              }
              fill(expected, some, total);
              assertThat(ByteBuffer.wrap(chunk, 0, some))
                  .isEqualTo(ByteBuffer.wrap(expected, 0, some));
              total += some;
            }
          }
        });
  }

  /** The pipe is closed somewhere in the middle: both sides end, nothing is held. */
  @Test
  void aPipeClosedAtAnyMomentHoldsNothing() throws Exception {
    SplittableRandom random = Seed.random("AcrossThreadsTest aPipeClosedAtAnyMoment");
    for (int round = 0; round < 300; round++) {
      BlockPipe pipe = BlockPipe.open(pool, 64, 500);
      int until = random.nextInt(2_000);
      FutureTask<Boolean> writing = start(true, () -> endsWithClosing(() -> write(pipe)));
      FutureTask<Boolean> reading = start(true, () -> endsWithClosing(() -> read(pipe, until)));
      assertThat(writing.get(100, TimeUnit.SECONDS)).isTrue();
      assertThat(reading.get(100, TimeUnit.SECONDS)).isFalse();
      pipe.verify();
      assertThat(pool.stats().used()).isZero();
    }
    PoolKind.close(pool);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static boolean endsWithClosing(Work work) throws IOException {
    try {
      work.run();
      return false;
    } catch (ClosedChannelException closed) {
      return true;
    }
  }

  private static void write(BlockPipe pipe) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(100);
    while (pipe.write(chunk.clear(), null) >= 0) {
      Thread.onSpinWait();
    }
  }

  private static void read(BlockPipe pipe, int until) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(90);
    for (int total = 0; total < until; ) {
      total += pipe.read(chunk.clear(), null);
    }
    pipe.close();
  }

  /** One thread works on a chain until another has closed it. */
  @Test
  void aChainClosedAtAnyMomentHoldsNothing() throws Exception {
    SplittableRandom random = Seed.random("AcrossThreadsTest aChainClosedAtAnyMoment");
    for (int round = 0; round < 2_000; round++) {
      BlockChain chain = BlockChain.open(pool, 64, 1_000);
      CountDownLatch begun = new CountDownLatch(1);
      SplittableRandom own = random.split();
      FutureTask<Integer> working = start(round % 2 == 0, () -> work(chain, begun, own));
      begun.await();
      for (int spins = random.nextInt(2_000); spins > 0; spins--) {
        Thread.onSpinWait();
      }
      chain.close();
      assertThat(working.get(100, TimeUnit.SECONDS)).isPositive();
      assertThat(pool.stats().used()).as("round %d", round).isZero();
    }
    PoolKind.close(pool);
  }

  private static int work(BlockChain chain, CountDownLatch begun, SplittableRandom random)
      throws IOException {
    byte[] bytes = new byte[300];
    begun.countDown();
    for (int calls = 1; ; calls++) {
      try {
        chain.tryAppend(bytes, 0, random.nextInt(bytes.length));
        chain.writeTo(TestChannel.taking(random.nextInt(200), 70, true));
        chain.read(bytes, 0, random.nextInt(bytes.length));
        chain.skip(100);
        chain.readFrom(TestChannel.giving(bytes, 100, true), 50);
      } catch (IllegalStateException | ClosedChannelException ended) {
        assertThat(chain.isClosed()).isTrue();
        return calls;
      }
    }
  }
}
