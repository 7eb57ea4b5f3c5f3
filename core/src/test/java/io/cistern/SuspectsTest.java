package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.user.Callers;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table of sampled allocations. Time budget: 3 seconds. */
@Timeout(60)
class SuspectsTest {
  private static final int BLOCKS = 10_000;

  private final MemoryPool pool = MemoryPool.builder().name("p").tier(64, BLOCKS).build();

  @AfterEach
  void close() {
    pool.verify().orThrow();
    pool.closeNow();
  }

  private Suspects suspects(int slots) {
    return new Suspects(new SampleBudget(1000, () -> pool.stats().allocations(), 1), slots);
  }

  @Test
  void whatIsLiveIsHeldAndWhatIsFreedIsNot() {
    Suspects suspects = suspects(64);
    assertThat(suspects.live()).isEmpty();
    assertThat(suspects.metadataBytes()).isZero();
    MemoryBlock kept = Traced.sampled(suspects, pool, 10, "a");
    MemoryBlock freed = Traced.sampled(suspects, pool, 20, "b");
    assertThat(suspects.live()).extracting(AllocationTrace::label).containsOnly("a", "b");
    assertThat(suspects.metadataBytes()).isEqualTo(4 * 64 + 2 * 1000);
    freed.close();
    assertThat(suspects.live()).extracting(AllocationTrace::label).containsExactly("a");
    kept.close();
    assertThat(suspects.live()).isEmpty();
    assertThat(suspects.missed()).isZero();
    assertThat(suspects.metadataBytes()).isEqualTo(4 * 64);
  }

  @Test
  void blocksThatAreFreedMakeRoomWithoutLoss() {
    Suspects suspects = suspects(64);
    List<MemoryBlock> kept = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      MemoryBlock block = Traced.sampled(suspects, pool, 8, "");
      if (i % 1000 == 0) {
        kept.add(block);
      } else {
        block.close();
      }
    }
    assertThat(suspects.live()).hasSize(kept.size());
    assertThat(suspects.missed()).isZero();
  }

  @Test
  void whatAFullTableLosesIsCounted() {
    Suspects suspects = suspects(64);
    int sampled = 1000;
    for (int i = 0; i < sampled; i++) {
      Traced.sampled(suspects, pool, 8, "");
    }
    assertThat(suspects.live().count()).isBetween(50L, 64L);
    assertThat(suspects.live().count() + suspects.missed()).isEqualTo(sampled);
    LeakReport report = suspects.report("p", Duration.ZERO, 6000);
    assertThat(report.missed()).isEqualTo(suspects.missed());
    assertThat(report.toString())
        .endsWith(
            "\n  %,d traces of live blocks were lost for want of room: the figures may be too low"
                .formatted(suspects.missed()));
  }

  /** Blocks that live for ever were there first and fill the table; a leak shows all the same. */
  @Test
  void aTableFullOfOldBlocksStillShowsANewLeak() {
    SplittableRandom random = Seed.random("SuspectsTest");
    Suspects suspects = suspects(256);
    for (int i = 0; i < 2000; i++) {
      Traced.sampled(suspects, pool, 8, "cache");
    }
    int leaks = 0;
    for (int i = 0; i < 20_000; i++) {
      boolean isLeak = random.nextInt(200) == 0;
      leaks += isLeak ? 1 : 0;
      MemoryBlock block = Traced.sampled(suspects, pool, 8, isLeak ? "leak" : "passing");
      if (!isLeak) {
        block.close();
      }
    }
    long shown = suspects.live().filter(trace -> trace.label().equals("leak")).count();
    assertThat(shown).as("of %d leaks", leaks).isGreaterThan(leaks / 3);
    assertThat(suspects.live()).anyMatch(trace -> trace.label().equals("cache"));
  }

  @Test
  void theHandMakesOldStacksReadable() {
    Suspects suspects = suspects(64);
    MemoryBlock old = Traced.sampled(suspects, pool, 8, "old");
    AllocationTrace trace = suspects.live().findFirst().orElseThrow();
    Threads.until("a second", () -> trace.ageMillis() >= 1000);
    assertThat(trace.isReadable()).isFalse();
    for (int i = 0; i < 64 / 8; i++) {
      Traced.sampled(suspects, pool, 8, "new").close();
    }
    assertThat(trace.isReadable()).isTrue();
    assertThat(suspects.live()).containsExactly(trace);
    old.close();
  }

  /** The table holds on to nothing of a block that was freed, once the hand has passed. */
  @Test
  void theHandForgetsWhatIsFreed() {
    Suspects suspects = suspects(4096);
    WeakReference<MemoryPool> gone = sampleInAPoolOfItsOwn(suspects);
    for (int i = 0; i < 4096 / 8; i++) {
      Traced.sampled(suspects, pool, 8, "").close();
    }
    Threads.until(
        "it was collected",
        () -> {
          System.gc();
          return gone.refersTo(null);
        });
    assertThat(suspects.missed()).isZero();
  }

  private static WeakReference<MemoryPool> sampleInAPoolOfItsOwn(Suspects suspects) {
    try (MemoryPool own = MemoryPool.builder().tier(64, 1).build()) {
      Traced.sampled(suspects, own, 8, "").close();
      return new WeakReference<>(own);
    }
  }

  @Test
  void tracesOfOneSiteShareTheirStack() {
    Suspects suspects = suspects(64);
    for (int i = 0; i < 3; i++) {
      Callers.here(() -> Traced.sampled(suspects, pool, 8, ""));
    }
    List<AllocationTrace> traces = suspects.live().toList();
    Threads.until("a second", () -> traces.stream().allMatch(trace -> trace.ageMillis() >= 1000));
    for (int i = 0; i < 4 * 64 / 8; i++) {
      Traced.sampled(suspects, pool, 8, "").close();
    }
    assertThat(traces).allMatch(AllocationTrace::isReadable);
    assertThat(traces.get(1).frames()).isSameAs(traces.get(0).frames());
    assertThat(traces.get(2).frames()).isSameAs(traces.get(0).frames());
  }

  @Test
  void theTableIsAsLargeAsThePoolAllows() {
    for (long[] expected :
        new long[][] {{0, 64}, {1 << 20, 64}, {16 << 20, 512}, {1L << 40, 4096}}) {
      Suspects suspects = Suspects.of(1000, expected[0], () -> 0);
      Traced.sampled(suspects, pool, 8, "").close();
      assertThat(suspects.live()).isEmpty();
      assertThat(suspects.metadataBytes()).as("%,d B", expected[0]).isEqualTo(4 * expected[1]);
    }
  }

  @Test
  void theEstimateIsOfAllAllocations() {
    Suspects suspects = suspects(4096);
    for (int tick = 1; tick <= 100; tick++) {
      for (int i = 0; i < 60; i++) {
        MemoryBlock block = pool.allocate(32);
        if (suspects.isDue(tick)) {
          Traced.Place place = Traced.Place.of(pool, block);
          suspects.sample(place.source(), place.index(), place.word(), "");
        }
      }
    }
    LeakReport.Site site = suspects.report("p", Duration.ZERO, 6000).sites().getFirst();
    assertThat(suspects.missed()).isZero();
    assertThat(site.blocks()).isBetween(500L, 1000L);
    assertThat(site.estimatedBlocks()).isBetween(5990L, 6000L);
    assertThat(site.estimatedBytes()).isBetween(32 * 5990L, 32 * 6000L);
    assertThat(site.bytes()).isEqualTo(32 * site.blocks());
    assertThat(suspects.report("p", Duration.ZERO, 3000).sites().getFirst().estimatedBlocks())
        .as("no more than are used")
        .isEqualTo(3000);
    assertThat(suspects.report("p", Duration.ZERO, 1).sites().getFirst().estimatedBlocks())
        .as("no less than were seen")
        .isEqualTo(site.blocks());
  }

  @Test
  void threadsLoseNothingThatIsNotCounted() throws Exception {
    Suspects suspects = suspects(1024);
    AtomicInteger kept = new AtomicInteger();
    Threads.together(
        4,
        Thread.ofPlatform(),
        thread ->
            IntStream.range(0, 5_000)
                .forEach(i -> {
                  MemoryBlock block = Traced.sampled(suspects, pool, 8, "");
                  if (i % 100 == 0) {
                    kept.incrementAndGet();
                  } else {
                    block.close();
                  }
                }));
    long live = suspects.live().count();
    assertThat(live).isLessThanOrEqualTo(kept.get());
    assertThat(live + suspects.missed()).isGreaterThanOrEqualTo(kept.get());
    assertThat(suspects.missed()).isLessThan(kept.get());
  }
}
