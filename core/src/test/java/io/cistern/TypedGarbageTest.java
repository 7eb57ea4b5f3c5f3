package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * A typed object that does not escape makes no garbage, nor do the views of structs and the chained
 * setters in it; the JIT sees that only if it has not seen too many others, so that is measured in
 * a JVM of its own. Budget: 6 s.
 */
@Order(2)
class TypedGarbageTest {
  private static final int PAIRS = 20_000;

  /** Nothing a pair: a few bytes in all are forgiven. */
  private static final double NOTHING = 0.05;

  private static final StructLayout TRACK =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("time"),
          MemoryLayout.sequenceLayout(
                  4, MemoryLayout.structLayout(ValueLayout.JAVA_DOUBLE.withName("x")))
              .withName("points"));

  private final TypedPool<Track> tracks = TypedPool.of(Track.class, TRACK, 256);
  private final Object[] escape = new Object[1];

  interface Track {
    long time();

    Track time(long time);

    Place points(int index);
  }

  interface Place {
    double x();

    Place x(double x);
  }

  @AfterEach
  void close() {
    MemoryPoolContract.assertInOrder(tracks.pool());
    tracks.close();
  }

  /** A JVM that has run nothing else. */
  static final class Child {
    private Child() {}

    /** Prints the bytes that a pair makes where nothing escapes. */
    public static void main(String... args) {
      TypedGarbageTest test = new TypedGarbageTest();
      System.out.println(AllocatedBytes.perRepetition(PAIRS, NOTHING, test::pairs));
      test.tracks.verify().orThrow();
      test.tracks.close();
    }
  }

  @Test
  void noneWhereNothingEscapes() throws Exception {
    List<String> command = new ArrayList<>(RecordingKilledTest.java());
    command.add(Child.class.getName());
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Double.parseDouble(said.strip())).isLessThanOrEqualTo(NOTHING);
  }

  private void pairs() {
    for (int i = 0; i < PAIRS; i++) {
      try (TypedBlock<Track> track = tracks.allocate()) {
        track.value().time(i).time(i + 1L);
        track.value().points(i & 3).x(i);
      }
    }
  }

  /** TypedBlock 24, MemoryBlock 32; a view 24, its segment 40. */
  @Test
  void asPromisedWhereAllEscapes() {
    assertThat(AllocatedBytes.perRepetition(PAIRS, 120 + NOTHING, this::escapingPairs))
        .isBetween(56.0, 120 + NOTHING);
  }

  private void escapingPairs() {
    for (int i = 0; i < PAIRS; i++) {
      TypedBlock<Track> track = tracks.allocate();
      escape[0] = track;
      escape[0] = track.value();
      track.close();
    }
  }
}
