package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every way to give a block back; and giving back nothing. */
@EveryKind
class FreeContractTest extends MemoryPoolContract {
  FreeContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void byBlock() {
    MemoryBlock block = pool.allocate(1);
    block.close();
    assertFreed(block.handle());
  }

  @Test
  void byHandle() {
    long handle = pool.allocateHandle(pool.maxSize());
    pool.free(handle);
    assertFreed(handle);
  }

  @Test
  void byHandleOfABlock() {
    MemoryBlock block = pool.allocate(1);
    pool.free(block.handle());
    assertThat(block.isLive()).isFalse();
    assertFreed(block.handle());
  }

  @Test
  void byHandleAndSize() {
    for (long size : kind.sizes()) {
      long handle = pool.allocateHandle(size);
      pool.free(handle, size);
      assertFreed(handle);
    }
  }

  @Test
  void bySegment() {
    for (MemoryBlock block : takeAll()) {
      pool.free(block.segment());
      assertFreed(block.handle());
    }
  }

  @Test
  void byAnyViewThatStartsWhereTheBlockStarts() {
    long handle = pool.allocateHandle(pool.maxSize());
    pool.free(pool.segment(handle).asSlice(0, 1).asReadOnly());
    assertFreed(handle);
  }

  private void assertFreed(long handle) {
    assertThat(pool.isLive(handle)).isFalse();
    assertThat(pool.stats().frees()).isEqualTo(pool.stats().allocations() - pool.stats().used());
  }

  @Test
  void ofNothingDoesNothing() {
    pool.free(MemoryPool.NO_HANDLE);
    pool.free(MemoryPool.NO_HANDLE, 100);
    pool.free((MemorySegment) null);
    assertThat(pool.stats().frees()).isZero();
    assertThat(pool.stats().violations()).isZero();
  }

  @Test
  void whatAnOwnerWroteIsReadByTheNextOwnerOfTheBlock() {
    long size = kind.lastSize();
    List<MemoryBlock> others = takeAll();
    try (MemoryBlock last = others.removeLast()) {
      Tag.write(last.segment(), 1);
    }
    try (MemoryBlock next = pool.allocate(size)) {
      if (kind.zeroing() == Zeroing.OFF && kind.level() == CheckLevel.STANDARD) {
        Tag.check(next.segment(), 1);
      }
    }
    freeAll(others);
  }
}
