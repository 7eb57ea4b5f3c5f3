package io.cistern.benchmarks.burst;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.arrow.CisternAllocationManagerFactory;
import io.cistern.benchmarks.echo.EchoServer;
import io.cistern.jetty.CisternByteBufferPool;
import io.cistern.netty.CisternByteBufAllocator;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.RootAllocator;
import org.eclipse.jetty.io.ArrayByteBufferPool;

/**
 * A server and where its memory comes from: the framework's own pool, ours with its defaults, and
 * ours within a budget of {@value #BUDGET_BYTES} bytes, which is less than the burst wants.
 */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
enum BurstSubject {
  NETTY_ADAPTIVE(() -> {
    AdaptiveByteBufAllocator own = new AdaptiveByteBufAllocator();
    return new Running(EchoServer.over(own, () -> {}), own::usedDirectMemory);
  }),
  NETTY_POOLED(() -> {
    PooledByteBufAllocator own = PooledByteBufAllocator.DEFAULT;
    return new Running(EchoServer.over(own, () -> {}), own.metric()::usedDirectMemory);
  }),
  CISTERN_NETTY(() -> {
    CisternByteBufAllocator ours = new CisternByteBufAllocator();
    return new Running(EchoServer.over(ours, ours::close), ours.metric()::usedDirectMemory);
  }),
  CISTERN_NETTY_BOUNDED(() -> {
    PoolManager manager = bounded(blocks());
    CisternByteBufAllocator ours = new CisternByteBufAllocator(manager.pool("bounded"));
    return new Running(EchoServer.over(ours, () -> close(manager)), () -> regionBytes(manager));
  }),
  JETTY(() -> {
    ArrayByteBufferPool own = new ArrayByteBufferPool();
    return new Running(EchoServer.over(own, () -> {}), own::getDirectMemory);
  }),
  CISTERN_JETTY(() -> {
    CisternByteBufferPool ours = new CisternByteBufferPool();
    return new Running(EchoServer.over(ours, ours::close), ours::getDirectMemory);
  }),
  CISTERN_JETTY_BOUNDED(() -> {
    PoolManager manager = bounded(blocks());
    CisternByteBufferPool ours = new CisternByteBufferPool(manager.pool("bounded"));
    return new Running(EchoServer.over(ours, () -> close(manager)), () -> regionBytes(manager));
  }),
  ARROW(() -> {
    RootAllocator own = new RootAllocator();
    return new Running(EchoServer.over(own, () -> {}), own::getAllocatedMemory);
  }),
  CISTERN_ARROW(() -> {
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory();
    List<MemoryPool> pools = ours.pools();
    return new Running(
        EchoServer.over(root(ours), ours::close),
        () -> pools.stream().mapToLong(pool -> pool.stats().regionBytes()).sum());
  }),
  CISTERN_ARROW_BOUNDED(() -> {
    PoolManager manager = bounded(anySize());
    CisternAllocationManagerFactory ours =
        new CisternAllocationManagerFactory(manager.pool("bounded"));
    return new Running(
        EchoServer.over(root(ours), () -> close(manager)), () -> regionBytes(manager));
  });

  /** What the bounded ones may take. */
  static final int BUDGET_BYTES = 64 << 20;

  private static final int REGION_BYTES = 4 << 20;
  private static final int REGIONS = BUDGET_BYTES / REGION_BYTES;
  private static final Duration IDLE = Duration.ofSeconds(10);

  /**
   * A server that listens.
   *
   * @param server to be closed
   * @param takenBytes what it has taken, by its own count
   */
  record Running(EchoServer server, LongSupplier takenBytes) {}

  private final Supplier<Running> starter;

  BurstSubject(Supplier<Running> starter) {
    this.starter = starter;
  }

  static Optional<BurstSubject> of(String id) {
    return Arrays.stream(values()).filter(subject -> subject.id().equals(id)).findFirst();
  }

  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Running start() {
    return starter.get();
  }

  /** Three sizes, 4 MiB together. */
  private static MemoryPool.Builder blocks() {
    return MemoryPool.builder()
        .tier(4096, 64)
        .tier(16_384, 16)
        .tier(65_536, 56)
        .regions(1, REGIONS, IDLE);
  }

  private static MemoryPool.Builder anySize() {
    return MemoryPool.builder().variable(REGION_BYTES).regions(1, REGIONS, IDLE);
  }

  private static long regionBytes(PoolManager manager) {
    return manager.stats().regionBytes();
  }

  private static PoolManager bounded(MemoryPool.Builder pool) {
    return PoolManager.builder().budgetBytes(BUDGET_BYTES).pool("bounded", pool).build();
  }

  private static RootAllocator root(AllocationManager.Factory memory) {
    return new RootAllocator(
        RootAllocator.configBuilder().allocationManagerFactory(memory).build());
  }

  private static void close(PoolManager manager) {
    manager.verify().forEach(report -> report.orThrow());
    manager.close();
  }
}
