package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Arithmetic of the layout, exhaustively: every size to its tier, every block to its place. Time
 * budget: 5 seconds.
 */
class TierLayoutTest {
  static Stream<List<Long>> tierSets() {
    return Stream.of(
        List.of(1L),
        List.of(2L),
        List.of(1L, 2L, 3L),
        List.of(7L, 11L, 13L),
        List.of(256L, 1024L, 4096L),
        List.of(256L, 1024L, 2048L, 4096L),
        List.of(32L, 64L, 128L, 256L, 512L),
        List.of(96L, 160L, 1000L, 4096L),
        List.of(65_535L),
        List.of(65_536L),
        List.of(65_537L),
        List.of(1L, 65_536L),
        List.of(1L, 65_537L),
        List.of(3L, 70_000L, 70_001L, 200_001L),
        List.of(8L, 524_280L, 524_288L, 524_296L, 1_048_576L),
        LongStream.rangeClosed(1, 64).boxed().toList(),
        LongStream.rangeClosed(1, 64).map(i -> i * i * i).boxed().toList(),
        LongStream.rangeClosed(1, 64).map(i -> 65_536 + i).boxed().toList());
  }

  private static MemoryPool.Builder builder(List<Long> sizes) {
    MemoryPool.Builder builder = MemoryPool.builder();
    for (int i = 0; i < sizes.size(); i++) {
      builder.tier(sizes.get(i), 1 + i % 5);
    }
    return builder;
  }

  @ParameterizedTest
  @MethodSource("tierSets")
  void everySizeLeadsToTheSmallestTierThatFits(List<Long> sizes) {
    TierLayout layout = TierLayout.of(builder(sizes));
    byte[] table = layout.table();
    int shift = layout.granuleShift();
    int expected = 0;
    for (int size = 1; size <= layout.maxSize(); size++) {
      if (size > sizes.get(expected)) {
        expected++;
      }
      int entry = (size - 1) >>> shift;
      if (entry < table.length && table[entry] != expected) {
        throw new AssertionError(
            "%d B: tier %d instead of %d".formatted(size, table[entry], expected));
      }
    }
    assertThat(table.length).isEqualTo(Math.min(layout.maxSize() >>> shift, 65_536));
    assertThat(sizes).allMatch(size -> size % (1L << shift) == 0);
    assertThat(sizes).anyMatch(size -> size % (2L << shift) != 0);
  }

  @ParameterizedTest
  @MethodSource("tierSets")
  void aPoolServesEverySizeFromThatTierBeyondTheTableToo(List<Long> sizes) {
    try (MemoryPool pool = builder(sizes).build()) {
      int expected = 0;
      for (long size = 1; size <= pool.maxSize(); size++) {
        if (size > sizes.get(expected)) {
          expected++;
        }
        long handle = pool.allocateHandle(size);
        int tier = HandleParts.of(handle, sizes.size()).tier();
        if (tier != expected) {
          throw new AssertionError("%d B: tier %d instead of %d".formatted(size, tier, expected));
        }
        pool.free(handle);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("tierSets")
  void everyBlockHasItsPlaceAtEveryAlignment(List<Long> sizes) {
    for (long alignment = 1; alignment <= 4096; alignment *= 2) {
      TierLayout layout = TierLayout.of(builder(sizes).alignment(alignment));
      long end = 0;
      for (TierLayout.Slab slab : layout.tiers().reversed()) {
        for (int index = 0; index < slab.count(); index++) {
          long start = slab.offset() + index * slab.stride();
          assertThat(start).as("start of block %d of %s", index, slab).isEqualTo(end);
          assertThat(start % alignment).isZero();
          end = start + slab.stride();
        }
        assertThat(slab.stride())
            .isBetween((long) slab.blockSize(), slab.blockSize() + alignment - 1);
        assertThat(slab.bytes()).isEqualTo(slab.stride() * slab.count());
      }
      assertThat(layout.regionBytes()).isEqualTo(end);
      assertThat(builder(sizes).alignment(alignment).regionBytes()).isEqualTo(end);
      assertThat(layout.blockBytes())
          .isEqualTo(
              layout.tiers().stream().mapToLong(s -> (long) s.blockSize() * s.count()).sum());
    }
  }

  @Test
  void theOrderOfDeclarationDoesNotMatter() {
    MemoryPool.Builder up = MemoryPool.builder().tier(8, 1, "a").tier(64, 2, "b").tier(512, 3, "c");
    MemoryPool.Builder down =
        MemoryPool.builder().tier(512, 3, "c").tier(8, 1, "a").tier(64, 2, "b");
    assertThat(TierLayout.of(down)).isEqualTo(TierLayout.of(up));
    assertThat(TierLayout.of(up).tiers())
        .extracting(TierLayout.Slab::label)
        .containsExactly("a", "b", "c");
  }

  @Test
  void theLargestLayoutDoesNotOverflow() {
    TierLayout largest = TierLayout.of(MemoryPool.builder().tier(1 << 30, 1 << 24));
    assertThat(largest.regionBytes()).isEqualTo(1L << 54);
    assertThat(largest.blockBytes()).isEqualTo(1L << 54);
    assertThat(largest.table()).hasSize(1);
    MemoryPool.Builder many = MemoryPool.builder().alignment(4096);
    IntStream.range(0, 64).forEach(i -> many.tier((1L << 30) - i, 1 << 18));
    assertThat(TierLayout.of(many).regionBytes()).isEqualTo(64L << 48);
  }
}
