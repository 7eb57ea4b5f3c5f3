package io.cistern.jdk.jfr;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.VerifyReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's work in small: threads that allocate and free in several pools, with spills, fallback
 * memory, regions that come and go, refused requests and refused frees. As a program it works until
 * its standard input ends, and then prints its books.
 */
final class Load implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int HELD = 6;

  final PoolManager manager =
      PoolManager.builder()
          .budgetBytes(1 << 20)
          .pool("frames", MemoryPool.builder().tier(64, 4).tier(256, 4).labels().fallback(120))
          .pool("grows", MemoryPool.builder().tier(128, 4).regions(0, 4, Duration.ZERO))
          .pool("text", MemoryPool.builder().variable(4096))
          .build();

  private final AtomicBoolean over = new AtomicBoolean();
  private final CountDownLatch begun = new CountDownLatch(THREADS);
  private final List<Thread> threads = new ArrayList<>();
  private volatile @Nullable Throwable failure;

  void start() {
    for (int thread = 0; thread < THREADS; thread++) {
      Thread worker = new Thread(this::work, "worker-" + thread);
      worker.start();
      threads.add(worker);
    }
  }

  private void work() {
    MemoryPool frames = manager.pool("frames").labelled("codec");
    try {
      doSome(frames);
      begun.countDown();
      while (!over.get()) {
        doSome(frames);
      }
    } catch (RuntimeException | Error failed) {
      failure = failed;
    }
  }

  private void doSome(MemoryPool frames) {
    holdSome(frames, 50);
    holdSome(manager.pool("grows"), 100);
    holdSome(manager.pool("text"), 300);
  }

  private static void holdSome(MemoryPool pool, long size) {
    List<MemoryBlock> held = new ArrayList<>();
    for (int i = 0; i < HELD; i++) {
      MemoryBlock block = pool.tryAllocate(size);
      if (block != null) {
        held.add(block);
      }
    }
    held.forEach(MemoryBlock::close);
  }

  /** Ends the work, once every thread has done some; what is wrong with the books, or "". */
  String end() throws InterruptedException {
    boolean all = begun.await(30, TimeUnit.SECONDS);
    over.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    StringBuilder wrong = new StringBuilder(all ? "" : "a thread has done nothing in 30 s");
    for (VerifyReport report : manager.verify()) {
      report.findings().forEach(wrong::append);
    }
    for (MemoryPool pool : manager.pools()) {
      if (pool.stats().used() != 0 || pool.stats().allocations() != pool.stats().frees()) {
        wrong.append(pool.dump());
      }
    }
    return failure == null ? wrong.toString() : wrong + failure.toString();
  }

  @Override
  public void close() {
    over.set(true);
    manager.closeNow();
  }

  /** Says {@code ready}, works until its input ends, says what is wrong or {@code in order}. */
  public static void main(String... args) throws IOException, InterruptedException {
    try (Load load = new Load()) {
      JfrEvents events = JfrEvents.register(load.manager);
      load.start();
      System.out.println("ready");
      System.in.readAllBytes();
      String wrong = load.end();
      events.close();
      System.out.println(wrong.isEmpty() ? "in order" : wrong);
    }
  }
}
