package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is a pool of any size's own: how it is built, how its bookkeeping grows, what limits it, and
 * what its figures say. What it has in common with others is in the contract. Time budget: 2
 * seconds.
 */
class VariablePoolTest {
  private static final String TIERS_TOO =
      "2 tiers and a variable region of 64 B: a pool has either tiers or blocks of any size";

  static Stream<Arguments> refusals() {
    return Stream.of(
        wrong(TIERS_TOO, b -> b.tier(8, 1).tier(16, 1).variable(64)),
        wrong(TIERS_TOO, b -> b.variable(64).tier(8, 1).tier(16, 1)),
        wrong("variable region of -1 B: must be from 1 to 17179869176 B", b -> b.variable(-1)),
        wrong(
            "variable region of 17179869177 B: must be from 1 to 17179869176 B",
            b -> b.variable(VariableLayout.MAX_REGION + 1)),
        wrong(
            "variable region of 9223372036854775807 B: must be from 1 to 17179869176 B",
            b -> b.variable(Long.MAX_VALUE)),
        wrong("0 blocks at most: must be from 1 to 16777216", b -> b.variable(64, 0)),
        wrong("-1 blocks at most: must be from 1 to 16777216", b -> b.variable(64, -1)),
        wrong(
            "16777217 blocks at most: must be from 1 to 16777216",
            b -> b.variable(64, (1 << 24) + 1)),
        wrong(
            "alignment of 8192 B: must be a power of two from 1 to 4096",
            b -> b.variable(64).alignment(8192)),
        wrong(
            "thresholds of 95.0 % and 80.0 %: must be 0 < low < critical <= 100",
            b -> b.variable(64).thresholds(95, 80)));
  }

  private static Arguments wrong(String message, UnaryOperator<MemoryPool.Builder> recipe) {
    return Arguments.of(message, recipe);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void refuses(String message, UnaryOperator<MemoryPool.Builder> recipe) {
    MemoryPool.Builder builder = recipe.apply(MemoryPool.builder());
    assertThatThrownBy(builder::build)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(builder::regionBytes)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesARegionOfNothing() {
    assertThatThrownBy(() -> MemoryPool.builder().variable(0))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("variable region of 0 B: at least 1 is needed");
  }

  @Test
  void theRegionIsRoundedUpToEight() {
    for (long bytes : new long[] {1, 7, 8, 9, 4095, 4096, 4097}) {
      long rounded = (bytes + 7) / 8 * 8;
      assertThat(MemoryPool.builder().variable(bytes).regionBytes()).isEqualTo(rounded);
      try (MemoryPool pool = MemoryPool.builder().variable(bytes).build();
          MemoryBlock all = pool.allocate(rounded)) {
        assertThat(pool.maxSize()).isEqualTo(rounded);
        assertThat(all.segment().byteSize()).isEqualTo(rounded);
      }
    }
  }

  @Test
  void oneRequestMayTakeAGigabyteAtMost() {
    assertThat(VariableLayout.of(MemoryPool.builder().variable(1L << 30)).maxSize())
        .isEqualTo(1L << 30);
    assertThat(VariableLayout.of(MemoryPool.builder().variable((1L << 30) + 1)).maxSize())
        .isEqualTo(1L << 30);
    assertThat(VariableLayout.of(MemoryPool.builder().variable((1L << 30) - 8)).maxSize())
        .isEqualTo((1L << 30) - 8);
  }

  @Test
  void bookkeepingGrowsWithTheBlocksThatLiveAndIsReused() {
    int count = 100_000;
    try (MemoryPool pool = MemoryPool.builder().variable(8L * count).build()) {
      long before = pool.stats().metadataBytes();
      long[] handles = new long[count];
      assertThat(pool.tryAllocateHandles(1, handles, 0, count)).isEqualTo(count);
      assertThat(pool.tryAllocateHandle(1)).isEqualTo(MemoryPool.NO_HANDLE);
      long after = pool.stats().metadataBytes();
      assertThat((after - before) / (double) count).as("bytes a block").isBetween(40.0, 112.0);
      for (int i = 0; i < count; i++) {
        assertThat(pool.isLive(handles[i])).isTrue();
      }
      pool.verify().orThrow();
      pool.free(handles, 0, count);
      assertThat(pool.tryAllocateHandles(1, handles, 0, count)).isEqualTo(count);
      assertThat(pool.stats().metadataBytes()).isEqualTo(after);
      pool.free(handles, 0, count);
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void mostBlocksIsALimitOfItsOwn() {
    for (int most : new int[] {1, 2, 63, 64, 65, 127, 128, 129, 1000}) {
      try (MemoryPool pool = MemoryPool.builder().variable(1 << 16, most).build()) {
        long[] handles = new long[most + 1];
        assertThat(pool.tryAllocateHandles(16, handles, 0, most + 1)).isEqualTo(most);
        assertThat(pool.stats().failed()).isEqualTo(1);
        assertThat(pool.stats().freeBytes()).isEqualTo((1 << 16) - 16L * most);
        pool.free(handles[most / 2]);
        handles[most / 2] = pool.allocateHandle(24);
        pool.free(handles, 0, most);
        MemoryPoolContract.assertInOrder(pool);
      }
    }
  }

  @Test
  void aRequestMayAskForMoreAlignmentThanThePool() {
    try (MemoryPool pool = MemoryPool.builder().variable(1 << 20).alignment(16).build()) {
      List<MemoryBlock> blocks = new ArrayList<>();
      for (long alignment = 1; alignment <= 4096; alignment *= 2) {
        blocks.add(pool.allocate(1 + alignment / 3, alignment));
        MemorySegment memory = blocks.getLast().segment();
        assertThat(memory.address() % Math.max(16, alignment)).isZero();
        Tag.write(memory, alignment);
      }
      long alignment = 1;
      for (MemoryBlock block : blocks) {
        Tag.check(block.segment(), alignment);
        alignment *= 2;
      }
      MemoryPoolContract.freeAll(blocks);
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void alignedPlacesAreFoundWhereTheyAre() {
    try (MemoryPool pool = MemoryPool.builder().variable(4 * 4096).build()) {
      List<MemoryBlock> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(pool.allocate(4096, 4096));
      }
      assertThat(pool.tryAllocate(1)).isNull();
      all.remove(2).close();
      all.add(pool.allocate(4096, 4096));
      assertThatThrownBy(() -> pool.allocate(1, 4096)).isInstanceOf(PoolExhaustedException.class);
      MemoryPoolContract.freeAll(all);
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  @Test
  void usedAndFreeBlocksOfASize() {
    try (MemoryPool pool = MemoryPool.builder().variable(1024).build()) {
      assertThat(pool.freeBlocks(1)).isEqualTo(128);
      assertThat(pool.freeBlocks(100)).isEqualTo(9);
      assertThat(pool.freeBlocks(1024)).isEqualTo(1);
      try (MemoryBlock block = pool.allocate(500)) {
        assertThat(block.isLive()).isTrue();
        assertThat(pool.usedBlocks(1)).isEqualTo(1);
        assertThat(pool.freeBlocks(100)).isEqualTo(4 + 1);
        assertThat(pool.freeBlocks(1024)).isZero();
      }
      assertThatThrownBy(() -> pool.usedBlocks(1025)).hasMessageContaining("1025 B");
      assertThatThrownBy(() -> pool.freeBlocks(0)).hasMessageContaining("size of 0 B");
    }
  }

  @Test
  void thePeakCountsResizesToo() {
    try (MemoryPool pool = MemoryPool.builder().variable(1024).build()) {
      MemoryBlock block = pool.allocate(8);
      assertThat(block.tryResize(512)).isTrue();
      assertThat(block.tryResize(8)).isTrue();
      block.close();
      PoolStats.Variable variable = Objects.requireNonNull(pool.stats().variable());
      assertThat(variable.peakUsedBytes()).isEqualTo(512);
      assertThat(variable.regionToPeakRatio()).isEqualTo(2);
    }
  }

  @Test
  void theDumpShowsTheFigures() {
    try (MemoryPool pool = MemoryPool.builder().name("p").variable(1000).build();
        MemoryBlock first = pool.allocate(100);
        MemoryBlock second = pool.allocate(200)) {
      assertThat(first.isLive() && second.isLive()).isTrue();
      assertThat(pool.dump())
          .startsWith("pool 'p'  NORMAL\n  region 1,000 B   used 304 B   free 696 B   metadata ")
          .contains(
              "  used blocks 2   free pieces 1   largest free 696 B   largest allocatable 696 B")
          .contains("   peak used 304 B\n")
          .contains("external 0.0 %   internal 1.3 %   region / peak 3.289   reachability gap 0 B")
          .contains("unusable free space for   64 B 0.0 %   512 B 0.0 %\n")
          .contains("oldest of 2 live blocks");
    }
  }

  @Test
  void pressureFollowsTheBytes() {
    RecordingListener listener = new RecordingListener();
    try (MemoryPool pool =
        MemoryPool.builder().name("p").variable(1000).listener(listener).build()) {
      MemoryBlock block = pool.allocate(800);
      assertThat(block.tryResize(952)).isTrue();
      assertThat(pool.stats().pressure()).isEqualTo(PressureLevel.CRITICAL);
      assertThat(block.tryResize(800)).isTrue();
      block.close();
      assertThat(pool.stats().pressure()).isEqualTo(PressureLevel.NORMAL);
      assertThat(listener.take())
          .containsExactly(
              "pool NORMAL>LOW 800/1000",
              "pool LOW>CRITICAL 952/1000",
              "pool CRITICAL>LOW 800/1000",
              "pool LOW>NORMAL 0/1000");
    }
  }

  @Test
  void aManagerAndItsBudgetTakeThemToo() {
    PoolManager manager =
        PoolManager.builder()
            .pool("a", MemoryPool.builder().variable(100))
            .pool("b", MemoryPool.builder().tier(8, 1))
            .build();
    assertThat(manager.pool("a").region().byteSize()).isEqualTo(104);
    assertThatCode(manager::close).doesNotThrowAnyException();
  }
}
