package io.cistern.benchmarks.subject;

import java.nio.ByteBuffer;
import org.apache.kafka.clients.producer.internals.BufferPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * Kafka's producer pool. It pools buffers of one size, so there is one for each size here, and its
 * buffers are on the Java heap.
 */
@CompilerControl(CompilerControl.Mode.INLINE)
final class KafkaWorker implements Worker {
  private static final int BUFFERS = 1024;
  private static final long NO_WAIT = 0;

  private final BufferPool[] pools;
  private final ByteBuffer[] buffers;

  private KafkaWorker(BufferPool[] pools, int slots) {
    this.pools = pools;
    this.buffers = new ByteBuffer[slots];
  }

  static Allocator open() {
    Metrics metrics = new Metrics();
    int[] sizes = Sizes.tiers();
    BufferPool[] pools = new BufferPool[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      long memory = (long) sizes[i] * BUFFERS;
      pools[i] = new BufferPool(memory, sizes[i], metrics, Time.SYSTEM, "benchmark-" + sizes[i]);
    }
    return new Allocator() {
      @Override
      public Worker worker(int slots) {
        return new KafkaWorker(pools, slots);
      }

      @Override
      public void close() {
        for (BufferPool pool : pools) {
          pool.close();
        }
        metrics.close();
      }
    };
  }

  private ByteBuffer allocate(BufferPool pool) {
    try {
      ByteBuffer buffer = pool.allocate(pool.poolableSize(), NO_WAIT);
      buffer.put(0, (byte) 1);
      return buffer;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  @Override
  public void pair(int size) {
    BufferPool pool = pools[Sizes.tierOf(size)];
    pool.deallocate(allocate(pool));
  }

  @Override
  public void allocate(int slot, int size) {
    buffers[slot] = allocate(pools[Sizes.tierOf(size)]);
  }

  @Override
  public void free(int slot) {
    ByteBuffer buffer = buffers[slot];
    pools[Sizes.tierOf(buffer.capacity())].deallocate(buffer);
  }
}
