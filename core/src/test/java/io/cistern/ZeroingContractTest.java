package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a new owner finds in a block: zeroes where the pool promises them, else what was left, or
 * where it is checked, the poison.
 */
@EveryKind
class ZeroingContractTest extends MemoryPoolContract {
  ZeroingContractTest(PoolKind kind) {
    super(kind);
  }

  private boolean zeroes() {
    return kind.zeroing() != Zeroing.OFF;
  }

  @Test
  void aNewRegionIsZero() {
    assertThat(isZero(pool.region())).isEqualTo(isUnchecked());
  }

  private boolean isUnchecked() {
    return kind.level() == CheckLevel.STANDARD;
  }

  @Test
  void reusedBlocks() {
    List<MemoryBlock> all = takeAll();
    all.forEach(block -> Tag.write(block.segment(), 1));
    freeAll(all);
    all.addAll(takeAll());
    assertThat(all).allMatch(block -> isZero(block.segment()) == zeroes());
    freeAll(all);
  }

  @Test
  void onlyWhatIsAskedForIsZeroedByAnAllocation() {
    long max = kind.lastSize();
    List<MemoryBlock> others = takeAll();
    try (MemoryBlock last = others.removeLast()) {
      Tag.write(last.segment(), 1);
    }
    try (MemoryBlock shorter = pool.allocate(Math.max(1, max - 1))) {
      long offset = pool.offset(shorter.handle());
      boolean lastByteIsZero = pool.region().get(ValueLayout.JAVA_BYTE, offset + max - 1) == 0;
      boolean askedForIt = shorter.byteSize() == max;
      assertThat(lastByteIsZero)
          .isEqualTo(
              switch (kind.zeroing()) {
                case OFF -> false;
                case ON_ALLOCATE -> askedForIt;
                case ON_FREE -> isUnchecked() || askedForIt;
              });
    }
    freeAll(others);
  }

  @Test
  void aFreedBlockIsZeroAtOnceWhereFreeZeroes() {
    MemoryBlock block = pool.allocate(pool.maxSize());
    MemorySegment memory = block.segment();
    Tag.write(memory, 1);
    block.close();
    if (kind.level() == CheckLevel.GUARDED) {
      assertThatThrownBy(() -> isZero(memory)).hasMessage("Already closed");
    } else {
      assertThat(isZero(memory)).isEqualTo(isUnchecked() && kind.zeroing() == Zeroing.ON_FREE);
    }
  }

  static boolean isZero(MemorySegment memory) {
    for (long i = 0; i < memory.byteSize(); i++) {
      if (memory.get(ValueLayout.JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
