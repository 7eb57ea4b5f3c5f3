package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Crossings of 80 % and 95 %, per tier and for the whole, with their hysteresis: the exact
 * sequence.
 */
class PressureEventsTest {
  private final RecordingListener listener = new RecordingListener();
  private final Deque<MemoryBlock> live = new ArrayDeque<>();
  private MemoryPool pool = MemoryPool.builder().tier(8, 20).listener(listener).build();

  private void open(MemoryPool.Builder builder) {
    pool.close();
    pool = builder.listener(listener).build();
  }

  @AfterEach
  void finish() {
    live.forEach(MemoryBlock::close);
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private void use(int blocks) {
    while (live.size() < blocks) {
      live.add(pool.allocate(8));
    }
    while (live.size() > blocks) {
      live.removeLast().close();
    }
  }

  private void assertHeardAt(int used, String... events) {
    use(used);
    assertThat(listener.take()).as("at %d used", used).containsExactly(events);
  }

  @Test
  void upAndDownInATierThatIsTheWholePool() {
    assertHeardAt(15);
    assertHeardAt(16, "tier 8 NORMAL>LOW 128/160", "pool NORMAL>LOW 128/160");
    assertHeardAt(18);
    assertHeardAt(19, "tier 8 LOW>CRITICAL 152/160", "pool LOW>CRITICAL 152/160");
    assertHeardAt(20);
    assertHeardAt(19);
    assertHeardAt(18, "tier 8 CRITICAL>LOW 144/160", "pool CRITICAL>LOW 144/160");
    assertHeardAt(19, "tier 8 LOW>CRITICAL 152/160", "pool LOW>CRITICAL 152/160");
    assertHeardAt(18, "tier 8 CRITICAL>LOW 144/160", "pool CRITICAL>LOW 144/160");
    assertHeardAt(16);
    assertHeardAt(15, "tier 8 LOW>NORMAL 120/160", "pool LOW>NORMAL 120/160");
    assertHeardAt(0);
  }

  @Test
  void statsShowTheLevelThatListenersHeard() {
    use(16);
    use(19);
    assertThat(pool.stats().pressure()).isEqualTo(PressureLevel.CRITICAL);
    use(18);
    assertThat(pool.stats().tiers().getFirst().pressure()).isEqualTo(PressureLevel.LOW);
    use(16);
    assertThat(pool.stats().pressure()).as("hysteresis").isEqualTo(PressureLevel.LOW);
    use(15);
    assertThat(pool.stats().pressure()).isEqualTo(PressureLevel.NORMAL);
  }

  @Test
  void theWholePoolIsMeasuredInBytes() {
    open(MemoryPool.builder().tier(8, 1).tier(92, 1).alignment(1));
    assertHeardAt(1, "tier 8 NORMAL>CRITICAL 8/8");
    assertHeardAt(2, "tier 92 NORMAL>CRITICAL 92/92", "pool NORMAL>CRITICAL 100/100");
    live.removeFirst().close();
    assertThat(listener.take()).containsExactly("tier 8 CRITICAL>NORMAL 0/8");
    live.removeFirst().close();
    assertThat(listener.take())
        .containsExactly("tier 92 CRITICAL>NORMAL 0/92", "pool CRITICAL>NORMAL 0/100");
  }

  @Test
  void thresholdsAreTheBuilders() {
    open(MemoryPool.builder().tier(8, 10).thresholds(30, 60));
    assertHeardAt(2);
    assertHeardAt(3, "tier 8 NORMAL>LOW 24/80", "pool NORMAL>LOW 24/80");
    assertHeardAt(6, "tier 8 LOW>CRITICAL 48/80", "pool LOW>CRITICAL 48/80");
    assertHeardAt(
        2,
        "tier 8 CRITICAL>LOW 40/80",
        "pool CRITICAL>LOW 40/80",
        "tier 8 LOW>NORMAL 16/80",
        "pool LOW>NORMAL 16/80");
  }

  @Test
  void aBlockThatIsHandedOverStaysUsed() throws Exception {
    open(MemoryPool.builder().tier(8, 1));
    for (int i = 0; i < 3; i++) {
      assertThat(i == 0 || pool.stats().used() == 1).isTrue();
      use(1);
      FutureTask<MemoryBlock> waiter =
          Threads.start(Thread.ofPlatform(), () -> pool.allocate(8, Duration.ofSeconds(10)));
      Threads.untilWaiting(pool, 1);
      live.removeFirst().close();
      live.add(Threads.get(waiter));
    }
    assertThat(listener.take())
        .containsExactly("tier 8 NORMAL>CRITICAL 8/8", "pool NORMAL>CRITICAL 8/8");
  }

  /** Above 64 blocks a crossing may be told late, by what the magazines hold; but it is told. */
  @Test
  void aLargeTierIsTold() {
    open(MemoryPool.builder().tier(8, 1000));
    use(1000);
    assertThat(listener.take())
        .extracting(event -> event.replaceAll(" \\d+/", " "))
        .containsExactly(
            "tier 8 NORMAL>LOW 8000",
            "pool NORMAL>LOW 8000",
            "tier 8 LOW>CRITICAL 8000",
            "pool LOW>CRITICAL 8000");
    use(0);
    assertThat(listener.take())
        .extracting(event -> event.replaceAll(" \\d+/", " "))
        .containsExactly(
            "tier 8 CRITICAL>LOW 8000",
            "pool CRITICAL>LOW 8000",
            "tier 8 LOW>NORMAL 8000",
            "pool LOW>NORMAL 8000");
  }

  @Test
  void underThreadsTheLastLevelHeardIsTheRightOne() throws Exception {
    open(MemoryPool.builder().tier(8, 2).thresholds(50, 100));
    for (int round = 0; round < 200; round++) {
      Threads.together(2, Thread.ofVirtual(), thread -> useBriefly());
      assertThat(
              listener.heard.stream().filter(event -> event.startsWith("tier")).toList().getLast())
          .contains(">NORMAL");
      assertThat(listener.take().getLast()).contains(">NORMAL");
    }
  }

  private void useBriefly() {
    for (int i = 0; i < 20; i++) {
      pool.free(pool.allocateHandle(8));
    }
  }
}
