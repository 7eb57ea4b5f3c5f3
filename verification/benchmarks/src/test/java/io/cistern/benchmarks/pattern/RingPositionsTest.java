package io.cistern.benchmarks.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.infra.Control;

/** The ring between the two threads of a hand-off. Time budget: 5 s. */
@Timeout(10)
class RingPositionsTest {
  private static final int SLOTS = 8;

  private final Control running = new Control();
  private final RingPositions positions = new RingPositions(SLOTS);

  @Test
  void slotsAreFilledAndEmptiedInTurn() {
    for (int lap = 0; lap < 3 * SLOTS; lap++) {
      assertThat(positions.nextEmpty(running)).isEqualTo(lap % SLOTS);
      positions.filled();
      assertThat(positions.isAnyFull()).isTrue();
      assertThat(positions.firstFull()).isEqualTo(lap % SLOTS);
      assertThat(positions.nextFull(running)).isEqualTo(lap % SLOTS);
      positions.emptied();
      assertThat(positions.isAnyFull()).isFalse();
    }
  }

  @Test
  void nobodyWaitsForAThreadThatHasStopped() {
    Control stopped = new Control();
    stopped.stopMeasurement = true;
    assertThat(positions.nextFull(stopped)).isNegative();
    for (int slot = 0; slot < SLOTS; slot++) {
      positions.nextEmpty(stopped);
      positions.filled();
    }
    assertThat(positions.nextEmpty(stopped)).isNegative();
  }

  @Test
  void whatOneThreadPutsInTheOtherOneFinds() throws InterruptedException {
    int rounds = 100_000;
    long[] values = new long[SLOTS];
    AtomicReference<String> wrong = new AtomicReference<>("");
    Thread consumer =
        new Thread(() -> {
          for (long expected = 0; expected < rounds; expected++) {
            long value = values[positions.nextFull(running)];
            if (value != expected) {
              wrong.compareAndSet("", "found %d, not %d".formatted(value, expected));
            }
            positions.emptied();
          }
        });
    consumer.start();
    for (long value = 0; value < rounds; value++) {
      values[positions.nextEmpty(running)] = value;
      positions.filled();
    }
    consumer.join();
    assertThat(wrong.get()).isEmpty();
  }
}
