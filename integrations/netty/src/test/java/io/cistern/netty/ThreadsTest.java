package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Buffers handed from thread to thread: each keeps its contents until its one release. */
final class ThreadsTest {
  private static final int ROUNDS = 20_000;

  @Test
  void eventLoops() throws Exception {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(4, LocalIoHandler.newFactory());
    try {
      handOff(loops);
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @Test
  void virtualThreads() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      handOff(threads);
    }
  }

  @Test
  void platformThreads() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      handOff(threads);
    }
  }

  /** Two allocate, two release what they get, all write and check. */
  private static void handOff(ExecutorService threads) throws Exception {
    long seed = System.nanoTime();
    try (MemoryPool pool =
        MemoryPool.builder().tier(64, 200).tier(256, 200).tier(1024, 200).build()) {
      CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
      BlockingQueue<ByteBuf> passed = new LinkedBlockingQueue<>(100);
      List<Future<Integer>> done = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seed + i);
        done.add(threads.submit((Callable<Integer>) () -> allocate(allocator, random, passed)));
        done.add(threads.submit((Callable<Integer>) () -> release(passed)));
      }
      for (Future<Integer> each : done) {
        assertThat(each.get(50, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo(ROUNDS);
      }
      assertThat(pool.stats().used()).as("seed %d%n%s", seed, pool.dump()).isZero();
      pool.verify().orThrow();
    }
  }

  private static int allocate(
      CisternByteBufAllocator allocator, Random random, BlockingQueue<ByteBuf> passed)
      throws InterruptedException {
    for (int i = 0; i < ROUNDS; i++) {
      ByteBuf buffer = allocator.directBuffer(8 + random.nextInt(500), 1024);
      long tag = random.nextLong();
      while (buffer.isWritable(8)) {
        buffer.writeLong(tag);
      }
      passed.put(random.nextBoolean() ? buffer : buffer.writeLong(tag)); // the latter grows
    }
    return ROUNDS;
  }

  private static int release(BlockingQueue<ByteBuf> passed) throws InterruptedException {
    for (int i = 0; i < ROUNDS; i++) {
      ByteBuf buffer = passed.take();
      long tag = buffer.getLong(0);
      while (buffer.isReadable(8)) {
        assertThat(buffer.readLong()).isEqualTo(tag);
      }
      assertThat(buffer.release()).isTrue();
    }
    return ROUNDS;
  }
}
