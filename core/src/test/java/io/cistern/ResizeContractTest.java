package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Changing a size in place: what is kept, what is refused, and who sees the new size. */
@EveryKind
class ResizeContractTest extends MemoryPoolContract {
  ResizeContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void withinItsBlockEverySizeIsTaken() {
    List<MemoryBlock> others = takeAll();
    MemoryBlock block = others.removeLast();
    long most = block.byteSize();
    long address = block.segment().address();
    for (long size : new long[] {most, (most + 1) / 2, 1, Math.min(2, most)}) {
      assertThat(block.tryResize(size)).isTrue();
      assertThat(block.byteSize()).isEqualTo(size);
      assertThat(block.segment().byteSize()).isEqualTo(size);
      assertThat(block.byteBuffer().capacity()).isEqualTo((int) size);
      assertThat(pool.byteSize(block.handle())).isEqualTo(size);
      assertThat(pool.segment(block.handle()).address()).isEqualTo(address);
    }
    pool.free(block.handle(), Math.min(2, most));
    freeAll(others);
  }

  @Test
  void byHandleOrByBlockIsTheSame() {
    try (MemoryBlock block = pool.allocate(pool.maxSize())) {
      assertThat(pool.tryResize(block.handle(), 1)).isTrue();
      assertThat(block.byteSize()).isEqualTo(1);
      assertThat(block.tryResize(pool.maxSize())).isTrue();
      assertThat(pool.byteSize(block.handle())).isEqualTo(pool.maxSize());
    }
  }

  @Test
  void whatIsInItStaysUpToTheSmallerSize() {
    try (MemoryBlock block = pool.allocate(pool.maxSize())) {
      long less = (pool.maxSize() + 1) / 2;
      Tag.write(block.segment(), 5);
      assertThat(block.tryResize(less)).isTrue();
      assertThat(block.tryResize(pool.maxSize())).isTrue();
      Tag.check(block.segment().asSlice(0, less), 5);
    }
  }

  /** Beyond its block: refused, because what follows is used; every byte stays its owner's. */
  @Test
  void beyondItsBlockIsRefusedAndChangesNothing() {
    List<MemoryBlock> all = takeAll();
    all.forEach(block -> Tag.write(block.segment(), block.handle()));
    PoolStats before = pool.stats();
    for (MemoryBlock block : all) {
      long size = block.byteSize();
      if (size < pool.maxSize()) {
        assertThat(block.tryResize(size + 1)).isFalse();
        assertThat(pool.tryResize(block.handle(), pool.maxSize())).isFalse();
        assertThat(block.byteSize()).isEqualTo(size);
      }
    }
    assertUnchanged(before, pool.stats());
    all.forEach(block -> Tag.check(block.segment(), block.handle()));
    freeAll(all);
  }

  /** Whoever has the bytes next that an owner gave up finds zeroes, where the pool zeroes. */
  @Test
  void bytesThatWereGivenUpAreZeroForTheNextOwner() {
    long most = pool.maxSize();
    MemoryBlock block = pool.allocate(most);
    Tag.write(block.segment(), 9);
    assertThat(block.tryResize(1)).isTrue();
    block.close();
    try (MemoryBlock next = pool.allocate(most)) {
      boolean zero = ZeroingContractTest.isZero(next.segment());
      assertThat(zero).isEqualTo(kind.zeroing() != Zeroing.OFF);
    }
  }

  @Test
  void bytesThatAreTakenBackAreZeroWhereAllocationsZero() {
    long most = pool.maxSize();
    try (MemoryBlock block = pool.allocate(most)) {
      Tag.write(block.segment(), 9);
      assertThat(block.tryResize(1)).isTrue();
      assertThat(block.tryResize(most)).isTrue();
      if (kind.zeroing() == Zeroing.ON_ALLOCATE) {
        assertThat(ZeroingContractTest.isZero(block.segment().asSlice(1))).isTrue();
      }
    }
  }

  @Test
  void sizesOutOfRangeAreRefused() {
    try (MemoryBlock block = pool.allocate(1)) {
      for (long size :
          new long[] {0, -1, pool.maxSize() + 1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 32) + 1}) {
        String message =
            "size of %d B: pool '%s' serves from 1 to %d B"
                .formatted(size, kind.name(), pool.maxSize());
        assertRefused(IllegalArgumentException.class, message, () -> block.tryResize(size));
        assertRefused(
            IllegalArgumentException.class, message, () -> pool.tryResize(block.handle(), size));
      }
      assertThat(block.byteSize()).isEqualTo(1);
    }
  }

  @Test
  void whatIsNotLiveIsRefused() {
    MemoryBlock block = pool.allocate(1);
    block.close();
    String dead =
        "handle 0x%016x names no live allocation of pool '%s'"
            .formatted(block.handle(), kind.name());
    assertRefused(
        IllegalStateException.class,
        kind.describe(block.handle()) + " was freed",
        () -> block.tryResize(1));
    assertRefused(IllegalArgumentException.class, dead, () -> pool.tryResize(block.handle(), 1));
    assertThatThrownBy(() -> pool.tryResize(MemoryPool.NO_HANDLE, 1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  private static void assertRefused(
      Class<? extends Throwable> type, String message, ThrowingCallable use) {
    assertThatThrownBy(use).isExactlyInstanceOf(type).hasMessage(message);
  }
}
