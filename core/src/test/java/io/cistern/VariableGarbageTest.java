package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As {@link GarbageTest}, for pools of any size. Its loops are its own, so that each call sees one
 * kind of pool. Time budget: 5 seconds.
 */
@Order(2)
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class VariableGarbageTest {
  private static final int PAIRS = 20_000;

  /** Nothing a pair: a few bytes in all are forgiven. */
  private static final double NOTHING = 0.05;

  private final MemoryPool pool;
  private final Object[] escape = new Object[1];

  VariableGarbageTest(PoolKind kind) {
    pool = kind.open();
  }

  static Stream<PoolKind> kinds() {
    return Stream.of(
        new PoolKind("any size", b -> b.variable(1 << 16)),
        new PoolKind("confined, any size", b -> b.variable(1 << 16).confined()));
  }

  private static void assertGarbage(double limit, Runnable pairs) {
    assertThat(AllocatedBytes.perRepetition(PAIRS, limit, pairs)).isLessThanOrEqualTo(limit);
  }

  @AfterEach
  void everythingIsFreeAndInOrder() {
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  @Test
  void noneByHandle() {
    assertGarbage(NOTHING, this::pairsByHandle);
  }

  private void pairsByHandle() {
    for (int i = 0; i < PAIRS; i++) {
      long handle = pool.allocateHandle(1 + i % 2000);
      pool.region().set(ValueLayout.JAVA_BYTE, pool.offset(handle), (byte) i);
      pool.free(handle);
    }
  }

  @Test
  void noneByResizingOrByAlignedRequests() {
    assertGarbage(NOTHING, this::resizes);
  }

  private void resizes() {
    for (int i = 0; i < PAIRS; i++) {
      long handle = pool.allocateHandle(1 + i % 2000, 64);
      pool.tryResize(handle, 1 + i % 3000);
      pool.free(handle);
    }
  }

  /** Its object alone: a free is too large for the JIT to look through, so it always escapes. */
  @Test
  void thirtyTwoBytesByABlock() {
    assertGarbage(32 + NOTHING, this::pairsByBlock);
  }

  private void pairsByBlock() {
    for (int i = 0; i < PAIRS; i++) {
      try (MemoryBlock block = pool.allocate(1000)) {
        block.segment().set(ValueLayout.JAVA_BYTE, i % 1000, (byte) i);
      }
    }
  }

  @Test
  void seventyTwoBytesByABlockAndItsSegmentThatEscape() {
    assertGarbage(72 + NOTHING, this::pairsByEscapingBlock);
  }

  private void pairsByEscapingBlock() {
    for (int i = 0; i < PAIRS; i++) {
      MemoryBlock block = pool.allocate(1000);
      escape[0] = block;
      escape[0] = block.segment();
      block.close();
    }
  }
}
