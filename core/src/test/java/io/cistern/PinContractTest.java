package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A block that is pinned keeps its memory, whatever its owner does. */
@EveryKind
class PinContractTest extends MemoryPoolContract {
  private final long size = kind.lastSize();

  PinContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void aFreeIsPutOffToTheLastUnpin() {
    MemoryBlock block = pool.allocate(size);
    Pin first = block.pin();
    Pin second = pool.pin(block.handle());
    block.close();
    assertDeferred(block, first.segment());
    first.close();
    assertDeferred(block, second.segment());
    second.close();
    assertThat(pool.stats().used()).isZero();
    assertThat(pool.stats().checks().deferredFrees()).isEqualTo(1);
    assertThatThrownBy(block::close).hasMessageStartingWith("DOUBLE_FREE: ");
  }

  private void assertDeferred(MemoryBlock block, MemorySegment memory) {
    assertThat(block.isLive()).isFalse();
    assertThat(pool.isLive(block.handle())).isFalse();
    assertThat(pool.stats().used()).isEqualTo(1);
    assertThatThrownBy(block::close).hasMessageStartingWith("DOUBLE_FREE: ");
    assertThatThrownBy(() -> pool.free(block.handle())).hasMessageStartingWith("DOUBLE_FREE: ");
    assertThatThrownBy(block::pin).isInstanceOf(IllegalStateException.class);
    Tag.write(memory, 7);
    Tag.check(memory, 7);
  }

  @Test
  void ofAHandleToo() {
    long handle = pool.allocateHandle(size);
    Pin pin = pool.pin(handle);
    pool.free(handle);
    assertThat(pool.stats().used()).isEqualTo(1);
    assertThatThrownBy(() -> pool.free(handle)).hasMessageStartingWith("DOUBLE_FREE: ");
    pin.close();
    assertThat(pool.stats().used()).isZero();
  }

  @Test
  void theMemoryIsNobodyElsesMeanwhile() {
    List<MemoryBlock> all = takeAll();
    MemoryBlock last = all.removeLast();
    try (Pin pin = last.pin()) {
      Tag.write(pin.segment(), 3);
      last.close();
      assertThat(pool.tryAllocate(size)).isNull();
      Tag.check(pin.segment(), 3);
    }
    pool.allocate(size).close();
    freeAll(all);
  }

  @Test
  void withoutAFreeNothingChanges() {
    try (MemoryBlock block = pool.allocate(size)) {
      for (int i = 0; i < 3; i++) {
        try (Pin pin = block.pin()) {
          assertThat(pin.segment().byteSize()).isEqualTo(size);
          assertThat(block.isLive()).isTrue();
          assertThat(block.byteSize()).isEqualTo(size);
          assertThat(pool.byteSize(block.handle())).isEqualTo(size);
          Tag.write(block.segment(), 5);
          Tag.check(pin.segment(), 5);
          assertThat(pool.verify().ok()).isTrue();
        }
      }
    }
    assertThat(pool.stats().checks().deferredFrees()).isZero();
  }

  @Test
  void misuseIsRefused() {
    MemoryBlock block = pool.allocate(size);
    Pin pin = block.pin();
    pin.close();
    assertThatThrownBy(pin::close)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith(" was closed before");
    assertThatThrownBy(pin::segment).hasMessage("the pin is closed");
    block.close();
    assertThatThrownBy(block::pin).hasMessageEndingWith(" was freed");
    assertThatThrownBy(() -> pool.pin(block.handle()))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names no live allocation");
  }

  @Test
  void aPoolThatIsClosedUnderAPinLeavesTheMemory() {
    try (MemoryPool closing = kind.open()) {
      MemoryBlock block = closing.allocate(size);
      MemoryBlock other = kind.fill().length > 1 ? closing.allocate(kind.fill()[0]) : null;
      Pin pin = block.pin();
      block.close();
      assertThatThrownBy(closing::close).hasMessageContaining("stays open: ");
      closing.closeNow();
      Tag.write(pin.segment(), 9);
      Tag.check(pin.segment(), 9);
      MemorySegment memory = pin.segment();
      pin.close();
      assertThat(memory.scope().isAlive()).isFalse();
      if (other != null) {
        other.close();
      }
    }
  }

  @Test
  void aBlockThatWasPinnedOnceIsAsAnyOther() {
    try (MemoryPool closing = kind.open()) {
      MemoryBlock block = closing.allocate(size);
      block.pin().close();
      MemorySegment memory = block.segment();
      closing.closeNow();
      assertThat(memory.scope().isAlive()).isFalse();
    }
  }

  @Test
  void aPinnedBlockIsNotMadeSmaller() {
    try (MemoryBlock block = pool.allocate(size);
        Pin pin = block.pin()) {
      Tag.write(pin.segment(), 3);
      assertThat(size > 1 && block.tryResize(1)).isFalse();
      Tag.check(pin.segment(), 3);
    }
  }

  @Test
  void aPinOfAConfinedPoolIsItsThreads() throws InterruptedException {
    if (kind.isConfined()) {
      MemoryBlock block = pool.allocate(size);
      Pin pin = block.pin();
      List<Throwable> thrown = new ArrayList<>();
      Thread other =
          Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> thrown.add(e)).start(pin::close);
      other.join();
      assertThat(thrown).hasSize(1).allMatch(WrongThreadException.class::isInstance);
      block.close();
      assertThat(pool.stats().used()).isEqualTo(1);
      pin.close();
    }
  }
}
