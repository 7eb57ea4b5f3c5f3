package io.cistern.simulator;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadFactory;

/**
 * Direct buffers of an allocator of Netty, both with a cache for every thread. {@code ./cistern
 * replay} starts the JVM with what Netty needs to be fast: Unsafe, and no leak samples.
 */
final class NettyMemory implements Memory {
  private final ByteBufAllocator allocator;

  NettyMemory(Subject.Netty.Kind kind) {
    this.allocator =
        switch (kind) {
          case POOLED -> PooledByteBufAllocator.DEFAULT;
          case ADAPTIVE -> new AdaptiveByteBufAllocator(true, true);
        };
  }

  static ThreadFactory threads() {
    return task -> {
      Thread thread = new FastThreadLocalThread(task, "replay");
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public Lane lane(int blocks) {
    return new NettyLane(allocator, blocks);
  }

  @Override
  public OptionalLong regionBytes() {
    return OptionalLong.empty();
  }

  @Override
  public double fragmentation(long liveBytes) {
    return Double.NaN;
  }

  @Override
  public List<String> verify() {
    return List.of();
  }

  @Override
  public void close() {}
}
