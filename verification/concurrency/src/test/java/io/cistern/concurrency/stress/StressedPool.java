package io.cistern.concurrency.stress;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.Spill;
import java.lang.foreign.MemorySegment;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A pool in which each owner writes its handle, mixed, into every byte of its block, and checks it
 * before it frees: so a block with two owners, blocks that overlap, and memory that is touched
 * after it was handed on are seen.
 *
 * <p>Its tiers are of both kinds, with free bits (up to 64 blocks) and with magazines, and requests
 * spill to any larger one.
 */
final class StressedPool implements AutoCloseable {
  static final int MAX_SIZE = 1024;

  /** Runs exhaust their pools on purpose: a warning for each would hide the results. */
  private static final Logger LOG = Logger.getLogger("io.cistern");

  static {
    LOG.setLevel(Level.SEVERE);
  }

  final MemoryPool pool;

  StressedPool(MemoryPool.Builder builder) {
    pool = builder.build();
  }

  /** 1,248 blocks from 16 to 1024 bytes. */
  static StressedPool mixed() {
    return new StressedPool(
        MemoryPool.builder()
            .tier(16, 64)
            .tier(64, 512)
            .tier(256, 400)
            .tier(512, 32)
            .tier(MAX_SIZE, 240)
            .spill(Spill.ANY));
  }

  /** A handle whose block bears its mark; {@link MemoryPool#NO_HANDLE} when exhausted. */
  long tryAllocate(int size) {
    long handle = pool.tryAllocateHandle(size);
    if (handle != MemoryPool.NO_HANDLE) {
      write(handle);
    }
    return handle;
  }

  /** Marks a block as its owner's. */
  void write(long handle) {
    MemorySegment segment = pool.segment(handle);
    long mark = mark(handle);
    long size = segment.byteSize();
    long at = 0;
    for (; at + Long.BYTES <= size; at += Long.BYTES) {
      segment.set(JAVA_LONG_UNALIGNED, at, mark);
    }
    for (; at < size; at++) {
      segment.set(JAVA_BYTE, at, (byte) mark);
    }
  }

  /** Fails unless every byte is as its owner left it. */
  void check(long handle) {
    MemorySegment segment = pool.segment(handle);
    long mark = mark(handle);
    long size = segment.byteSize();
    long at = 0;
    for (; at + Long.BYTES <= size; at += Long.BYTES) {
      expect(segment.get(JAVA_LONG_UNALIGNED, at), mark, handle, at);
    }
    for (; at < size; at++) {
      expect(segment.get(JAVA_BYTE, at), (byte) mark, handle, at);
    }
  }

  private static void expect(long found, long mark, long handle, long at) {
    if (found != mark) {
      throw new AssertionError(
          "the block of handle 0x%016x holds 0x%x at byte %d, its owner wrote 0x%x"
              .formatted(handle, found, at, mark));
    }
  }

  private static long mark(long handle) {
    return handle * 0x9E37_79B9_7F4A_7C15L | 0x0101_0101_0101_0101L;
  }

  /** Checks and frees; {@link MemoryPool#NO_HANDLE} is ignored. */
  void free(long handle) {
    if (handle != MemoryPool.NO_HANDLE) {
      check(handle);
      pool.free(handle);
    }
  }

  /** When no thread uses the pool any more, and all they owned is freed: nothing may be amiss. */
  void assertWhole() {
    assertThat(pool.verify().orThrow().quiescent()).isTrue();
    PoolStats stats = pool.stats();
    assertThat(stats.used()).isZero();
    assertThat(stats.waiting()).isZero();
    assertThat(stats.violations()).isZero();
    for (PoolStats.Tier tier : stats.tiers()) {
      assertThat(tier.allocations()).isEqualTo(tier.frees());
      assertThat(allocateAll(tier)).isEqualTo(tier.total());
    }
    assertThat(pool.tryAllocateHandle(1)).isEqualTo(MemoryPool.NO_HANDLE);
    pool.closeNow();
  }

  /** Takes every block of a tier; smaller tiers are taken already. */
  private int allocateAll(PoolStats.Tier tier) {
    int taken = 0;
    while (taken < tier.total()
        && pool.tryAllocateHandle(tier.blockSizeBytes()) != MemoryPool.NO_HANDLE) {
      taken++;
    }
    return taken;
  }

  @Override
  public void close() {
    pool.closeNow();
  }
}
