package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What of a pool's work is written down, and that it can be done again in the same memory. What a
 * recorded pool does is the contract's business. Time budget: 4 seconds.
 */
class RecordedPoolTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("t.rep");
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of("any size", recipe(b -> b.variable(4096))),
        Arguments.of("tiers", recipe(b -> b.tier(64, 20).tier(512, 100).spill(Spill.ANY))));
  }

  private static UnaryOperator<MemoryPool.Builder> recipe(UnaryOperator<MemoryPool.Builder> it) {
    return it;
  }

  private MemoryPool.Builder recorded(UnaryOperator<MemoryPool.Builder> kind) {
    return kind.apply(MemoryPool.builder()).name("p").recordTo(file());
  }

  private void assertRecorded(String... operations) throws IOException {
    assertThat(TraceLines.read(file()).operations()).containsExactly(operations);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void everyFormOfAllocateAndFree(String name, UnaryOperator<MemoryPool.Builder> kind)
      throws Exception {
    try (MemoryPool pool = recorded(kind).build()) {
      pool.allocate(1).close();
      Objects.requireNonNull(pool.tryAllocate(2)).close();
      pool.allocate(3, Duration.ofSeconds(1)).close();
      pool.allocate(4, 8).close();
      pool.free(pool.allocateHandle(5));
      pool.free(pool.allocateHandle(6, 8), 6);
      pool.free(pool.segment(pool.tryAllocateHandle(7)));
      long[] handles = new long[3];
      assertThat(pool.tryAllocateHandles(8, handles, 0, 3)).isEqualTo(3);
      pool.free(handles, 0, 3);
      try (MemoryBlock block = pool.allocate(9)) {
        assertThat(block.tryResize(40)).isTrue();
        assertThat(pool.tryResize(block.handle(), 10)).isTrue();
        assertThat(block.tryResize(pool.maxSize())).isEqualTo(name.equals("any size"));
      }
    }
    assertThat(TraceLines.read(file()).live()).isEmpty();
    Stream<String> pairs =
        Stream.of(1, 2, 3, 4, 5, 6, 7)
            .flatMap(i -> Stream.of("a %d %d".formatted(i - 1, i), "f %d".formatted(i - 1)));
    Stream<String> batch = Stream.of("a 7 8", "a 8 8", "a 9 8", "f 7", "f 8", "f 9");
    Stream<String> resized = Stream.of("a 10 9", "r 10 40", "r 10 10");
    Stream<String> last = name.equals("tiers") ? Stream.of("f 10") : Stream.of("r 10 4096", "f 10");
    assertRecorded(Stream.of(pairs, batch, resized, last).flatMap(it -> it).toArray(String[]::new));
    assertThat(TraceLines.header(file(), 1)).isEqualTo(11);
    assertThat(TraceLines.header(file(), 2)).isEqualTo(TraceLines.read(file()).operations().size());
    assertThat(TraceLines.header(file(), 3)).isEqualTo(TraceLines.read(file()).peak());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void whatIsRefusedIsNoOperation(String name, UnaryOperator<MemoryPool.Builder> kind)
      throws Exception {
    try (MemoryPool pool = recorded(kind).build()) {
      MemoryBlock block = pool.allocate(10);
      long stays = pool.allocateHandle(1);
      block.close();
      assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.free(block.handle())).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.free(stays, 2)).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.free(-1)).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.free(MemorySegment.ofAddress(pool.region().address() - 1)))
          .isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.allocate(0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pool.tryResize(stays, 1 << 20))
          .isInstanceOf(IllegalArgumentException.class);
      pool.free(MemoryPool.NO_HANDLE);
      pool.free(stays, 1);
    }
    assertThat(name).isNotEmpty();
    assertRecorded("a 0 10", "a 1 1", "f 0", "f 1");
    assertThat(Files.readString(file())).doesNotContain("failed");
  }

  @Test
  void whatFailsIsAComment() throws Exception {
    try (MemoryPool pool = recorded(b -> b.variable(64)).build();
        MemoryBlock all = pool.allocate(64)) {
      assertThat(all.isLive()).isTrue();
      assertThat(pool.tryAllocate(1)).isNull();
      assertThat(pool.tryAllocateHandle(2)).isEqualTo(MemoryPool.NO_HANDLE);
      assertThatThrownBy(() -> pool.allocate(3)).isInstanceOf(PoolExhaustedException.class);
      assertThatThrownBy(() -> pool.allocate(4, 8)).isInstanceOf(PoolExhaustedException.class);
      assertThatThrownBy(() -> pool.allocateHandle(5)).isInstanceOf(PoolExhaustedException.class);
      assertThatThrownBy(() -> pool.allocate(6, Duration.ZERO))
          .isInstanceOf(PoolExhaustedException.class);
    }
    assertRecorded("a 0 64", "f 0");
    assertThat(Files.readAllLines(file()).stream().filter(line -> line.startsWith("# failed")))
        .containsExactly(
            "# failed 1", "# failed 2", "# failed 3", "# failed 4", "# failed 5", "# failed 6");
  }

  @Test
  void labelsOfTiersAreComments() throws Exception {
    try (MemoryPool pool = recorded(b -> b.tier(8, 1, "small").tier(64, 1, "big\nf 9")).build()) {
      pool.allocate(5).close();
      pool.allocate(50).close();
    }
    assertRecorded("a 0 5 # small", "f 0", "a 1 50 # big f 9", "f 1");
    assertThat(Files.readString(file())).contains("\n# pool p, region 72 B\n");
  }

  @Test
  void closeNowFinishesTheFileWithWhatLives() throws Exception {
    MemoryPool pool = recorded(b -> b.variable(64)).build();
    MemoryBlock live = pool.allocate(10);
    pool.closeNow();
    live.close();
    assertRecorded("a 0 10");
    assertThat(TraceLines.header(file(), 3)).isEqualTo(10);
  }

  @Test
  void atTheLimitThePoolGoesOnWithoutRecording() throws Exception {
    try (MemoryPool pool =
        MemoryPool.builder().name("p").variable(64).recordTo(file(), 1 << 20).build()) {
      for (int i = 0; i < 200_000; i++) {
        pool.free(pool.allocateHandle(8));
      }
      assertThat(pool.stats().frees()).isEqualTo(200_000);
    }
    assertThat(Files.size(file())).isLessThanOrEqualTo(1 << 20);
    TraceLines lines = TraceLines.read(file());
    assertThat(lines.operations()).hasSizeBetween(50_000, 399_999);
    assertThat(TraceLines.header(file(), 2)).isEqualTo(lines.operations().size());
  }

  @Test
  void aLimitBelowAMebibyteIsRefused() {
    assertThatThrownBy(() -> MemoryPool.builder().recordTo(file(), (1 << 20) - 1))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("trace limit of 1048575 B: must be at least 1 MiB");
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNoPoolBehind() {
    for (int i = 0; i < 300; i++) { // more than there are ids of pools
      assertThatThrownBy(() -> MemoryPool.builder().variable(64).recordTo(folder).build())
          .isExactlyInstanceOf(UncheckedIOException.class);
    }
  }

  /**
   * Several threads' recording never has more live than the pool had, so it fits where it came
   * from.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void historiesOfThreadsNeverExceedThePool(String name, UnaryOperator<MemoryPool.Builder> kind)
      throws Exception {
    SplittableRandom seeds = Seed.random("recorded, " + name);
    SplittableRandom[] randoms = {seeds.split(), seeds.split(), seeds.split()};
    long capacity;
    try (MemoryPool pool = recorded(kind).build()) {
      capacity = pool.region().byteSize();
      Threads.together(3, Thread.ofPlatform(), thread -> work(pool, randoms[thread]));
      assertThat(pool.stats().used()).isZero();
    }
    TraceLines lines = TraceLines.read(file());
    assertThat(lines.live()).isEmpty();
    assertThat(lines.peak()).isBetween(capacity / 20, capacity);
    assertThat(TraceLines.header(file(), 3)).isEqualTo(lines.peak());
    assertThat(lines.operations()).hasSizeGreaterThan(5_000);
  }

  private static void work(MemoryPool pool, SplittableRandom random) {
    long[] held = new long[30];
    for (int step = 0; step < 10_000; step++) {
      int slot = random.nextInt(held.length);
      if (held[slot] != MemoryPool.NO_HANDLE && random.nextInt(4) == 0) {
        pool.tryResize(held[slot], 1 + random.nextLong(500));
      } else {
        pool.free(held[slot]);
        held[slot] = pool.tryAllocateHandle(1 + random.nextLong(500));
      }
    }
    pool.free(held, 0, held.length);
  }
}
