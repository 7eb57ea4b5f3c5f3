package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What an allocation is: exactly as long as asked, aligned, inside the region, and nobody else's.
 */
@EveryKind
class AllocateContractTest extends MemoryPoolContract {
  AllocateContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void segmentsAndBuffersAreExactlyAsLongAsAsked() {
    for (long size : kind.sizes()) {
      try (MemoryBlock block = pool.allocate(size)) {
        assertThat(block.segment().byteSize()).isEqualTo(size);
        assertThat(block.byteBuffer().capacity()).isEqualTo((int) size);
        assertThat(pool.segment(block.handle()).byteSize()).isEqualTo(size);
        assertThat(pool.byteSize(block.handle())).isEqualTo(size);
      }
    }
  }

  @Test
  void blocksAreAlignedAndInsideTheRegionAndApart() {
    List<MemoryBlock> all = takeAll();
    MemorySegment region = pool.region();
    long end = region.address();
    for (MemorySegment block :
        all.stream()
            .map(MemoryBlock::segment)
            .sorted(Comparator.comparingLong(MemorySegment::address))
            .toList()) {
      assertThat(block.address()).isGreaterThanOrEqualTo(end);
      assertThat(block.address() % kind.builder().alignment).as("misalignment").isZero();
      end = block.address() + block.byteSize();
    }
    assertThat(end).isLessThanOrEqualTo(region.address() + region.byteSize());
    freeAll(all);
  }

  @Test
  void noByteOfABlockIsAnotherBlocks() {
    List<MemoryBlock> all = takeAll();
    all.forEach(block -> Tag.write(block.segment(), block.handle()));
    all.forEach(block -> Tag.check(block.segment(), block.handle()));
    freeAll(all);
  }

  @Test
  void everyFormOfAllocateServesEverySize() throws Exception {
    for (long size : kind.sizes()) {
      Objects.requireNonNull(pool.tryAllocate(size)).close();
      pool.allocate(size, Duration.ofSeconds(1)).close();
      pool.free(pool.allocateHandle(size));
      long handle = pool.tryAllocateHandle(size);
      assertThat(handle).isNotEqualTo(MemoryPool.NO_HANDLE);
      assertThat(pool.byteSize(handle)).isEqualTo(size);
      pool.free(handle);
    }
  }

  @Test
  void sizesOutOfRangeAreRefusedByEveryFormAndCounted() {
    long max = pool.maxSize();
    long[] sizes = {0, -1, max + 1, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 32) + 1, 1L << 32};
    for (long size : sizes) {
      String message =
          "size of %d B: pool '%s' serves from 1 to %d B".formatted(size, kind.name(), max);
      assertRefused(message, () -> pool.allocate(size));
      assertRefused(message, () -> pool.tryAllocate(size));
      assertRefused(message, () -> pool.allocateHandle(size));
      assertRefused(message, () -> pool.tryAllocateHandle(size));
      assertRefused(message, () -> pool.allocate(size, Duration.ofDays(1)));
    }
    assertThat(pool.stats().refused()).isEqualTo(5L * sizes.length);
    assertThat(pool.stats().failed()).isZero();
  }

  private static void assertRefused(String message, ThrowingCallable request) {
    assertThatThrownBy(request)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void handlesOfLiveBlocksAreUniqueAndNeverZero() {
    List<MemoryBlock> all = takeAll();
    assertThat(all).extracting(MemoryBlock::handle).doesNotHaveDuplicates().doesNotContain(0L);
    freeAll(all);
  }

  @Test
  void maxSizeIsTheLargestThatIsServed() {
    assertThat(pool.maxSize()).isEqualTo(LongStream.of(kind.sizes()).max().getAsLong());
    assertThat(pool.name()).isEqualTo(kind.name());
  }
}
