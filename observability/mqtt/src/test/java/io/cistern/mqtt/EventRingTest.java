package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hand-over: order, bound, and what is dropped, alone and under contention. Budget: 5 s. */
@Timeout(60)
class EventRingTest {
  private static final int PRODUCERS = 4;
  private static final int EACH = 50_000;

  private static Event event(long count) {
    return new Event(Event.Type.LOST, 0, "", count, "");
  }

  @Test
  void comesOutInOrder() {
    EventRing ring = new EventRing(4);
    for (int round = 0; round < 10; round++) {
      IntStream.range(0, 4).forEach(i -> ring.offer(event(i)));
      assertThat(ring.waiting()).isEqualTo(4);
      for (int i = 0; i < 4; i++) {
        EventRing.Entry entry = Objects.requireNonNull(ring.poll());
        assertThat(entry.seq()).isEqualTo(4L * round + i);
        assertThat(entry.event().count()).isEqualTo(i);
      }
      assertThat(ring.poll()).isNull();
      assertThat(ring.waiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100})
  void keepsTheYoungest(int capacity) {
    EventRing ring = new EventRing(capacity);
    IntStream.range(0, 1000).forEach(i -> ring.offer(event(i)));
    assertThat(ring.waiting()).isEqualTo(capacity);
    List<Long> left = new ArrayList<>();
    for (EventRing.Entry entry = ring.poll(); entry != null; entry = ring.poll()) {
      left.add(entry.event().count());
    }
    assertThat(left)
        .containsExactlyElementsOf(
            IntStream.range(1000 - capacity, 1000).mapToObj(Long::valueOf).toList());
  }

  /** Each producer's events come in its order, none twice; what is missing is what was skipped. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64, PRODUCERS * EACH})
  void manyProducersAndOneReader(int capacity) throws InterruptedException {
    EventRing ring = new EventRing(capacity);
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> producers = new ArrayList<>();
    for (int p = 0; p < PRODUCERS; p++) {
      long base = (long) p * EACH;
      producers.add(Thread.ofPlatform().start(() -> produce(ring, base, go)));
    }
    go.countDown();
    long[] last = {-1, -1, -1, -1};
    long expected = 0;
    long dropped = 0;
    long got = 0;
    while (expected < (long) PRODUCERS * EACH) {
      EventRing.Entry entry = ring.poll();
      if (entry == null) {
        Thread.onSpinWait();
        continue;
      }
      got++;
      dropped += entry.seq() - expected;
      expected = entry.seq() + 1;
      int producer = (int) (entry.event().count() / EACH);
      assertThat(entry.event().count()).isGreaterThan(last[producer]);
      last[producer] = entry.event().count();
    }
    for (Thread producer : producers) {
      producer.join();
    }
    assertThat(got + dropped).isEqualTo((long) PRODUCERS * EACH);
    assertThat(ring.poll()).isNull();
    assertThat(capacity < PRODUCERS * EACH || dropped == 0).isTrue();
  }

  private static void produce(EventRing ring, long base, CountDownLatch go) {
    try {
      go.await();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
    for (int i = 0; i < EACH; i++) {
      ring.offer(event(base + i));
    }
  }
}
