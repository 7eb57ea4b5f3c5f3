package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Floods of events of one kind: few are told, and their counts add up. Budget: 2 s. */
@Timeout(30)
class FloodTest {
  private static final int THREADS = 4;
  private static final int EACH = 100_000;

  private final Queue<Event> told = new ConcurrentLinkedQueue<>();
  private final Flood flood = new Flood(Event.Type.EXHAUSTED, "main", told::add);

  @Test
  void theFirstIsToldAtOnceAndTheNextWithTheCount() {
    flood.add("first");
    assertThat(told).singleElement().extracting(Event::count).isEqualTo(1L);
    flood.add("second");
    flood.add("third");
    long later = System.nanoTime() + Flood.WINDOW_NANOS;
    assertThat(told).hasSize(1);
    flood.settle(later);
    assertThat(told).hasSize(2);
    Event rest = List.copyOf(told).getLast();
    assertThat(rest.count()).isEqualTo(2);
    assertThat(rest.details()).isEqualTo("third");
    assertThat(rest.pool()).isEqualTo("main");
  }

  @Test
  void itIsWatchedWhileMoreMayCome() {
    assertThat(flood.settle(System.nanoTime())).isFalse();
    flood.add("one");
    assertThat(flood.settle(System.nanoTime())).isTrue();
    assertThat(flood.settle(System.nanoTime() + 2 * Flood.WINDOW_NANOS)).isFalse();
  }

  @Test
  void countsOfManyThreadsAddUp() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < EACH; i++) {
                  flood.add("x");
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    flood.flush();
    assertThat(told.stream().mapToLong(Event::count).sum()).isEqualTo((long) THREADS * EACH);
    assertThat(told).hasSizeLessThan(1000);
  }
}
