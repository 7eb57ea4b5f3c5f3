package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.arrow.Memory.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threads, virtual ones too, that swap buffers through a table, some with an allocator of its own:
 * a buffer is released by another thread than took it, sometimes after a change of its owner, and
 * holds what was written to it. Nothing is live afterwards. Time budget: 10 seconds.
 */
@Timeout(60)
class ThreadsTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 20_000;
  private static final int SLOTS = 64;
  private static final int MOST_BYTES = 100_000;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARROW")
  void buffersThatChangeHandsStayWhole(Memory memory) throws Exception {
    long seed = System.nanoTime();
    System.out.println("ThreadsTest " + memory + ", seed " + seed);
    AtomicReferenceArray<@Nullable ArrowBuf> table = new AtomicReferenceArray<>(SLOTS);
    try (Opened opened = memory.open();
        BufferAllocator keeper = opened.root().newChildAllocator("keeper", 0, Long.MAX_VALUE)) {
      try (ExecutorService threads = Executors.newThreadPerTaskExecutor(new Mixed())) {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          Random random = new Random(seed + thread);
          all.add(threads.submit(() -> swap(table, keeper, random)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
      for (int slot = 0; slot < SLOTS; slot++) {
        release(table.getAndSet(slot, null));
      }
      assertThat(keeper.getAllocatedMemory()).isZero();
    }
  }

  /** Every other thread is a virtual one. */
  private static final class Mixed implements ThreadFactory {
    private int made;

    @Override
    public Thread newThread(Runnable task) {
      return (made++ % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform()).unstarted(task);
    }
  }

  private static void swap(
      AtomicReferenceArray<@Nullable ArrowBuf> table, BufferAllocator keeper, Random random) {
    BufferAllocator root = keeper.getParentAllocator();
    for (int round = 0; round < ROUNDS; round++) {
      ArrowBuf mine = filled(random.nextInt(8) == 0 ? keeper : root, random);
      if (random.nextInt(8) == 0) {
        ArrowBuf kept =
            mine.getReferenceManager().transferOwnership(mine, keeper).getTransferredBuffer();
        mine.close();
        mine = kept;
      }
      release(table.getAndSet(random.nextInt(SLOTS), mine));
    }
  }

  /** Its first and last bytes tell what it is. */
  private static ArrowBuf filled(BufferAllocator allocator, Random random) {
    ArrowBuf buffer = allocator.buffer(8 + random.nextInt(1 << random.nextInt(3, 17)) % MOST_BYTES);
    long mark = random.nextLong();
    buffer.setLong(0, mark);
    buffer.setLong(buffer.capacity() - 8, mark);
    return buffer;
  }

  private static void release(@Nullable ArrowBuf buffer) {
    if (buffer != null) {
      assertThat(buffer.getLong(buffer.capacity() - 8)).isEqualTo(buffer.getLong(0));
      buffer.close();
    }
  }
}
