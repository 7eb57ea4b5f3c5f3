package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures by label, whoever frees and through whatever view. Time budget: 2 seconds. */
@Timeout(30)
class PoolLabelsTest {
  private static MemoryPool.Builder tiers() {
    return MemoryPool.builder().name("p").tier(64, 4).tier(256, 100).labels();
  }

  private static PoolStats.Label of(MemoryPool pool, String label) {
    return pool.stats().labels().stream()
        .filter(it -> it.name().equals(label))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wholeBlocksCountWhereTheyWereAskedFor() {
    try (MemoryPool pool = tiers().build()) {
      MemoryPool audio = pool.labelled("audio");
      MemoryPool video = audio.labelled("video");
      MemoryBlock small = audio.allocate(1);
      MemoryBlock large = video.allocate(65);
      long handle = pool.allocateHandle(64);
      assertThat(pool.stats().labels())
          .containsExactly(
              new PoolStats.Label("", 1, 0, 1, 64, 0),
              new PoolStats.Label("audio", 1, 0, 1, 64, 0),
              new PoolStats.Label("video", 1, 0, 1, 256, 0));
      assertThat(audio.stats().labels()).isEqualTo(pool.stats().labels());
      video.free(small.handle());
      audio.free(handle);
      pool.free(large.segment());
      assertThat(pool.stats().labels())
          .containsExactly(
              new PoolStats.Label("", 1, 1, 0, 0, 0),
              new PoolStats.Label("audio", 1, 1, 0, 0, 0),
              new PoolStats.Label("video", 1, 1, 0, 0, 0));
      assertThat(pool.verify().orThrow().quiescent()).isTrue();
    }
  }

  @Test
  void aLabelAskedForAgainIsTheSame() {
    try (MemoryPool pool = tiers().build()) {
      pool.labelled("a").allocate(1).close();
      pool.labelled("a").allocate(1).close();
      assertThat(of(pool, "a")).isEqualTo(new PoolStats.Label("a", 2, 2, 0, 0, 0));
      assertThat(pool.stats().labels()).hasSize(2);
    }
  }

  @Test
  void aSpillCountsTheBlockThatServes() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(256, 1).labels().build()) {
      MemoryPool view = pool.labelled("v");
      MemoryBlock fits = view.allocate(64);
      MemoryBlock spilled = view.allocate(64);
      assertThat(of(pool, "v").liveBytes()).isEqualTo(64 + 256);
      assertThat(view.tryAllocate(64)).isNull();
      assertThatThrownBy(() -> view.allocate(64)).isInstanceOf(PoolExhaustedException.class);
      assertThat(of(pool, "v")).isEqualTo(new PoolStats.Label("v", 2, 0, 2, 320, 2));
      fits.close();
      spilled.close();
      assertThat(of(pool, "v")).isEqualTo(new PoolStats.Label("v", 2, 2, 0, 0, 2));
    }
  }

  @Test
  void aResizeInPlaceChangesLiveBytesOfAnySize() {
    try (MemoryPool pool = MemoryPool.builder().variable(1024).labels().build()) {
      MemoryPool view = pool.labelled("v");
      MemoryBlock block = view.allocate(100);
      assertThat(of(pool, "v").liveBytes()).isEqualTo(104);
      assertThat(block.tryResize(200)).isTrue();
      assertThat(of(pool, "v").liveBytes()).isEqualTo(200);
      assertThat(pool.tryResize(block.handle(), 1)).isTrue();
      assertThat(of(pool, "v").liveBytes()).isEqualTo(8);
      assertThat(block.tryResize(1024)).isTrue();
      block.close();
      assertThat(of(pool, "v")).isEqualTo(new PoolStats.Label("v", 1, 1, 0, 0, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closeNowFreesWhatIsLive(boolean variable) {
    MemoryPool pool = (variable ? MemoryPool.builder().variable(20_000).labels() : tiers()).build();
    MemoryPool view = pool.labelled("v");
    for (int i = 0; i < 50; i++) {
      (i % 2 == 0 ? view : pool).allocate(65 + i);
    }
    view.closeNow();
    assertThat(of(pool, "v")).isEqualTo(new PoolStats.Label("v", 25, 25, 0, 0, 0));
    assertThat(of(pool, "")).isEqualTo(new PoolStats.Label("", 25, 25, 0, 0, 0));
    assertThat(view.isClosed()).isTrue();
    assertThatThrownBy(() -> view.allocate(1)).hasMessageEndingWith("is closed");
  }

  @Test
  void whatIsRefusedAsAFreeChangesNoFigure() {
    try (MemoryPool pool = tiers().build();
        MemoryPool other = tiers().build()) {
      MemoryPool view = pool.labelled("v");
      MemoryBlock block = view.allocate(10);
      long foreign = other.allocateHandle(1);
      assertThatThrownBy(() -> view.free(foreign)).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> view.free(block.handle(), 11))
          .isInstanceOf(InvalidFreeException.class);
      assertThat(of(pool, "v").liveBlocks()).isOne();
      block.close();
      assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
      assertThatThrownBy(() -> pool.free(block.handle())).isInstanceOf(InvalidFreeException.class);
      assertThat(of(pool, "v")).isEqualTo(new PoolStats.Label("v", 1, 1, 0, 0, 0));
      other.free(foreign);
    }
  }

  @Test
  void misuseIsRefused() {
    try (MemoryPool pool = tiers().build();
        MemoryPool plain = MemoryPool.builder().name("plain").tier(8, 1).build()) {
      for (String wrong : new String[] {"", " ", "a\nb", "x".repeat(101)}) {
        assertThatThrownBy(() -> pool.labelled(wrong))
            .isExactlyInstanceOf(IllegalArgumentException.class)
            .hasMessage("label '%s': must be one line of 1 to 100 characters".formatted(wrong));
      }
      assertThatThrownBy(() -> plain.labelled("a"))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "pool 'plain' keeps no labels: build it with labels(), or 'labels = on' in a profile");
      assertThatThrownBy(() -> pool.chargedTo(Quota.root(1)))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("pool 'p' has no quotas: open it by a PoolManager that has");
    }
  }

  @Test
  void figuresAreExactWhenThreadsAreDone() throws Exception {
    int labels = 5;
    SplittableRandom random = Seed.random("PoolLabelsTest");
    try (MemoryPool pool = tiers().build()) {
      AtomicLongArray allocated = new AtomicLongArray(labels);
      SplittableRandom[] each = {random.split(), random.split(), random.split()};
      Threads.together(
          3,
          Thread.ofPlatform(),
          thread -> {
            for (int i = 0; i < 50_000; i++) {
              int label = each[thread].nextInt(labels);
              MemoryBlock block = pool.labelled("l" + label).tryAllocate(1 + i % 256);
              if (block != null) {
                allocated.incrementAndGet(label);
                block.close();
              }
            }
          });
      for (int label = 0; label < labels; label++) {
        PoolStats.Label of = of(pool, "l" + label);
        assertThat(of.allocations()).isEqualTo(allocated.get(label)).isEqualTo(of.frees());
        assertThat(of.liveBytes()).isZero();
      }
      assertThat(pool.verify().orThrow().quiescent()).isTrue();
    }
  }
}
