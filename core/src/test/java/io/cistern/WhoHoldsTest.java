package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.user.Callers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program of several sites, one of which leaks, is told which. Time budget: 5 seconds. */
@Timeout(60)
class WhoHoldsTest {
  private static final int BLOCKS = 1 << 20;

  private static MemoryPool.Builder pool(int blocks) {
    return MemoryPool.builder().name("p").tier(64, blocks);
  }

  /** One of five places that allocate; the third keeps one block in a hundred of its own. */
  private static void work(MemoryPool pool, SplittableRandom random) {
    int site = random.nextInt(5);
    Supplier<MemoryBlock> allocate = () -> pool.allocate(48);
    MemoryBlock block =
        switch (site) {
          case 0 -> Callers.first(pool, 48);
          case 1 -> Callers.second(pool, 48);
          case 2 -> Callers.here(allocate);
          case 3 -> Callers.there(allocate);
          default -> Callers.deep(3, allocate);
        };
    if (site != 2 || random.nextInt(100) != 0) {
      block.close();
    }
  }

  private static String place(LeakReport.Site site) {
    return site.stack().getFirst().getMethodName();
  }

  @Test
  void theSiteThatLeaksIsFirstInAReportOfSamples() throws Exception {
    SplittableRandom random = Seed.random("WhoHoldsTest");
    AtomicBoolean found = new AtomicBoolean();
    AtomicReference<LeakReport> last = new AtomicReference<>();
    MemoryPool pool = pool(BLOCKS).build();
    var program =
        Threads.start(
            Thread.ofPlatform(),
            () -> {
              while (!found.get() && pool.usedBlocks(48) < BLOCKS - 1) {
                work(pool, random);
              }
              return null;
            });
    try {
      Threads.until(
          "a site with 3 samples",
          () -> {
            LeakReport report = pool.report(Duration.ofMillis(100));
            last.set(report);
            return report.blocks() >= 3;
          });
    } finally {
      found.set(true);
      Threads.get(program);
    }
    LeakReport report = Objects.requireNonNull(last.get());
    assertThat(report.complete()).isFalse();
    assertThat(report.sites()).extracting(WhoHoldsTest::place).containsOnly("here");
    assertThat(report.sites().getFirst().estimatedBlocks())
        .isGreaterThan(report.sites().getFirst().blocks());
    pool.verify().orThrow();
    pool.closeNow();
  }

  @Test
  void whereEveryAllocationIsTracedItIsToldAtOnce() {
    SplittableRandom random = Seed.random("WhoHoldsTest");
    MemoryPool pool = pool(1000).checks(CheckLevel.CHECKED).build();
    while (pool.usedBlocks(48) == 0) {
      work(pool, random);
    }
    LeakReport report = pool.report(Duration.ZERO);
    assertThat(report.complete()).isTrue();
    assertThat(report.missed()).isZero();
    assertThat(report.sites()).extracting(WhoHoldsTest::place).isEqualTo(List.of("here"));
    assertThat(report.sites().getFirst().blocks()).isOne();
    assertThat(report.sites().getFirst().bytes()).isEqualTo(48);
    pool.verify().orThrow();
    pool.closeNow();
  }

  @Test
  void withoutSamplesThereAreNoSuspects() {
    MemoryPool pool = pool(10).leakSamples(0).build();
    pool.allocate(1);
    assertThat(pool.report(Duration.ZERO).isEmpty()).isTrue();
    pool.closeNow();
  }

  @Test
  void whatAPoolDoesIsCountedForAnOperation() throws Exception {
    try (MemoryPool pool = pool(2).build()) {
      MemoryBlock before = pool.allocate(8);
      OperationChange change;
      try (Operation operation = pool.track("load")) {
        MemoryBlock first = pool.allocate(8);
        assertThat(pool.tryAllocate(8)).isNull();
        before.close();
        long handle = pool.allocateHandle(64);
        assertThat(Threads.elsewhere(pool::maxSize)).isEqualTo(64);
        pool.free(handle);
        first.close();
        change = operation.change();
      }
      assertThat(change.allocatedBlocks()).isEqualTo(2);
      assertThat(change.allocatedBytes()).isEqualTo(2 * 64);
      assertThat(change.freedBlocks()).isEqualTo(3);
      assertThat(change.bytes()).isEqualTo(-64);
      assertThat(change.peakBytes()).isEqualTo(64);
      assertThat(change.failures()).isOne();
      pool.verify().orThrow();
    }
  }
}
