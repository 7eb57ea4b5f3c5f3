package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.MemoryPool;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * An old reference is released again after its memory has a new owner: with ours it throws and the
 * new owner keeps its memory; with Netty's own pools the new owner's buffer is gone.
 */
final class StaleReleaseTest {
  private static final int ROUNDS = 1000;

  @Test
  void staleReleaseThrowsAndLeavesTheNewOwnerUntouched() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 1).build();
        CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool)) {
      ByteBuf old = allocator.directBuffer(256);
      long address = old.memoryAddress();
      old.release();
      ByteBuf owner = allocator.directBuffer(256).writeLong(42);
      assertThat(owner.memoryAddress()).as("the same memory").isEqualTo(address);

      assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(old::release);
      assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(old::retain);
      assertThatExceptionOfType(IllegalReferenceCountException.class)
          .isThrownBy(() -> old.setLong(0, 7));
      assertThatExceptionOfType(IllegalReferenceCountException.class)
          .isThrownBy(() -> old.getLong(0));
      assertThatExceptionOfType(IllegalReferenceCountException.class)
          .isThrownBy(old::memoryAddress);

      assertThat(owner.refCnt()).isEqualTo(1);
      assertThat(owner.getLong(0)).isEqualTo(42);
      assertThat(pool.stats().used()).isEqualTo(1);
      owner.release();
      assertThat(pool.stats().used()).isZero();
      pool.verify().orThrow();
    }
  }

  @Test
  void staleReleaseOfDerivedBuffersThrows() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 1).build();
        CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool)) {
      ByteBuf old = allocator.directBuffer(256).writeLong(1);
      ByteBuf slice = old.readRetainedSlice(4);
      ByteBuf duplicate = old.retainedDuplicate();
      assertThat(old.release(3)).isTrue();
      ByteBuf owner = allocator.directBuffer(256).writeLong(42);

      assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(slice::release);
      assertThatExceptionOfType(IllegalReferenceCountException.class)
          .isThrownBy(duplicate::release);
      assertThat(owner.getLong(0)).isEqualTo(42);
      assertThat(owner.release()).isTrue();
    }
  }

  @Test
  void staleReleaseAfterGrowthThrows() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(256, 1).build();
        CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool)) {
      ByteBuf grown = allocator.directBuffer(64).writeZero(64).writeInt(5);
      ByteBuf owner = allocator.directBuffer(64).writeLong(42); // of the block that was left
      assertThat(grown.release()).isTrue();
      assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(grown::release);
      assertThat(owner.getLong(0)).isEqualTo(42);
      assertThat(owner.release()).isTrue();
    }
  }

  @Test
  void nettysAdaptivePoolFreesTheNewOwner() throws InterruptedException {
    assertThat(freesANewOwner(new AdaptiveByteBufAllocator())).isTrue();
  }

  @Test
  void nettysPoolFreesTheNewOwner() throws InterruptedException {
    assertThat(freesANewOwner(new PooledByteBufAllocator(true))).isTrue();
  }

  @Test
  void oursNeverDoesInTheSameSteps() throws InterruptedException {
    try (CisternByteBufAllocator allocator = new CisternByteBufAllocator()) {
      assertThat(freesANewOwner(allocator)).isFalse();
      assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
  }

  /**
   * Does it on a thread of Netty's until it happens. Not every time: Netty uses most of its buffer
   * objects again, not all, and wraps a few to look for leaks.
   */
  private static boolean freesANewOwner(ByteBufAllocator allocator) throws InterruptedException {
    AtomicInteger freed = new AtomicInteger();
    Thread thread =
        new FastThreadLocalThread(() -> {
          for (int i = 0; i < ROUNDS && freed.get() == 0; i++) {
            freed.addAndGet(freedNewOwners(allocator));
          }
        });
    thread.start();
    thread.join();
    return freed.get() > 0;
  }

  /** Allocates, releases, allocates again and releases the old reference: 1 or 0. */
  private static int freedNewOwners(ByteBufAllocator allocator) {
    ByteBuf old = allocator.directBuffer(256);
    old.release();
    ByteBuf owner = allocator.directBuffer(256);
    try {
      old.release();
    } catch (IllegalReferenceCountException asItShouldBe) {
      // nothing to undo
    }
    if (owner.refCnt() == 0) {
      return 1;
    }
    owner.release();
    return 0;
  }
}
