package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Requests that say where they may start. */
@EveryKind
class AlignmentContractTest extends MemoryPoolContract {
  private static final long LARGEST = 4096;

  AlignmentContractTest(PoolKind kind) {
    super(kind);
  }

  /** The largest alignment that may be asked for. */
  private long most() {
    return kind.isVariable() ? LARGEST : kind.builder().alignment;
  }

  @Test
  void everyPowerOfTwoIsGiven() {
    for (long alignment = 1; alignment <= most(); alignment *= 2) {
      for (long size : new long[] {1, (pool.maxSize() + 1) / 2, pool.maxSize()}) {
        try (MemoryBlock block = pool.allocate(size, alignment)) {
          assertThat(block.segment().address() % alignment).as("misalignment").isZero();
          assertThat(block.byteSize()).isEqualTo(size);
        }
        long handle = pool.allocateHandle(size, alignment);
        assertThat(pool.segment(handle).address() % alignment).as("misalignment").isZero();
        assertThat(pool.offset(handle) % alignment).isZero();
        pool.free(handle);
      }
    }
  }

  @Test
  void othersAreRefused() {
    for (long alignment :
        new long[] {0, -1, -8, 3, 2 * most(), Long.MIN_VALUE, Long.MAX_VALUE, (1L << 32) + 8}) {
      String message =
          kind.isVariable()
              ? "alignment of %d B: must be a power of two from 1 to 4096".formatted(alignment)
              : "alignment of %d B: pool '%s' aligns its blocks at %d B, so it must be a power of two up to that"
                  .formatted(alignment, kind.name(), most());
      assertThatThrownBy(() -> pool.allocate(1, alignment))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> pool.allocateHandle(1, alignment))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
    assertThat(pool.stats().allocations()).isZero();
  }
}
