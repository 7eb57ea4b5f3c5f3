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
 * Invariant 5, no hidden allocation: a warmed-up pair makes no garbage by handle, nor by a block
 * that does not escape; one that does costs what is promised. Runs first, because whether the JIT
 * sees that an object does not escape depends on what the JVM has run before. Time budget: 8
 * seconds.
 */
@Order(1)
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class GarbageTest {
  private static final int PAIRS = 20_000;

  /** Nothing a pair: a few bytes in all are forgiven. */
  private static final double NOTHING = 0.05;

  private final MemoryPool pool;
  private final Object[] escape = new Object[1];

  GarbageTest(PoolKind kind) {
    pool = kind.open();
  }

  static Stream<PoolKind> kinds() {
    return Stream.of(
        new PoolKind("small tier", b -> b.tier(1024, 64)),
        new PoolKind("large tier", b -> b.tier(1024, 256)),
        new PoolKind("confined tier", b -> b.tier(1024, 256).confined()),
        new PoolKind("three tiers", b -> b.tier(64, 128).tier(256, 16).tier(1024, 8)));
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
      long handle = pool.allocateHandle(1000);
      pool.region().set(ValueLayout.JAVA_BYTE, pool.offset(handle), (byte) i);
      pool.free(handle);
    }
  }

  @Test
  void noneByABlockThatDoesNotEscape() {
    assertGarbage(NOTHING, this::pairsByBlock);
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

  @Test
  void hundredAndFourBytesByABlockAndItsBufferThatEscape() {
    assertGarbage(104 + NOTHING, this::pairsByEscapingBuffer);
  }

  private void pairsByEscapingBuffer() {
    for (int i = 0; i < PAIRS; i++) {
      MemoryBlock block = pool.allocate(1000);
      escape[0] = block;
      escape[0] = block.byteBuffer();
      block.close();
    }
  }

  /** Else this test could not fail. */
  @Test
  void garbageIsSeen() {
    double bytes = AllocatedBytes.perRepetition(PAIRS, 0, () -> {});
    assertThat(bytes).isLessThan(NOTHING);
    assertThat(AllocatedBytes.perRepetition(PAIRS, 32, this::someGarbage)).isBetween(16.0, 32.0);
  }

  private void someGarbage() {
    for (int i = 0; i < PAIRS; i++) {
      escape[0] = new Object[2];
    }
  }
}
