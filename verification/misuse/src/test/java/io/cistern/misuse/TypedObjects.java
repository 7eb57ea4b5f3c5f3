package io.cistern.misuse;

import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cistern.TypedBlock;
import io.cistern.TypedPool;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;

/** Typed objects in a pool: freed twice, used too long, and asked for what they do not have. */
final class TypedObjects {
  private static final int SAMPLES = Victim.SIZE / Integer.BYTES - 1;
  private static final GroupLayout LAYOUT =
      structLayout(
          JAVA_FLOAT.withName("volts"), sequenceLayout(SAMPLES, JAVA_INT).withName("samples"));
  private static final Expected CLOSED = Expected.thrown("IllegalStateException");
  private static final Expected OUT = Expected.thrown("IndexOutOfBoundsException");
  private static final Expected NO_SUCH = Expected.thrown("IllegalArgumentException");
  private static final Outcome DEAD = Outcome.thrown("IllegalStateException");

  private TypedObjects() {}

  /** An object of {@link Victim#SIZE} bytes. */
  interface Reading {
    float volts();

    void volts(float volts);

    int samples(int index);
  }

  /** Fits no layout here. */
  interface Other {
    double ohms();
  }

  static List<MisuseCase> cases() {
    return List.of(
        of(
            "double free of a typed object",
            "",
            Expected.thrown("DOUBLE_FREE"),
            stage -> {
              TypedBlock<Reading> reading = open(stage).allocate();
              reading.close();
              stage.misuse(reading::close);
            }),
        of(
            "stale free of a typed object",
            "",
            Expected.thrown("STALE"),
            stage -> {
              TypedBlock<Reading> reading = open(stage).allocate();
              Victim victim = Victim.of(reading.block());
              reading.close();
              stage.reuse(victim);
              stage.misuse(reading::close);
            }),
        of(
            "of a freed object",
            "value()",
            CLOSED,
            stage -> {
              TypedBlock<Reading> reading = open(stage).allocate();
              reading.close();
              stage.misuse(reading::value);
            }),
        of(
            "of a freed object",
            "segment()",
            CLOSED,
            stage -> {
              TypedBlock<Reading> reading = open(stage).allocate();
              reading.close();
              stage.misuse(reading::segment);
            }),
        afterFree(Group.WRITES, Outcome.AT_REUSE, value -> value.volts(3.3f)),
        afterFree(Group.READS, Outcome.NOT_SEEN, Reading::volts),
        index("index beyond the last", SAMPLES),
        index("negative index", -1),
        of(
            "an interface that does not fit",
            "",
            NO_SUCH,
            stage -> stage.misuse(() -> TypedPool.of(Other.class, LAYOUT, stage.pool()))),
        of(
            "a view of a segment that is too short",
            "",
            NO_SUCH,
            stage -> {
              TypedPool<Reading> readings = open(stage);
              MemorySegment few = stage.victim().slice();
              stage.misuse(() -> readings.view(few));
            }),
        of(
            "from a closed pool",
            "",
            CLOSED,
            stage -> {
              TypedPool<Reading> readings = open(stage);
              stage.pool().close();
              stage.misuse(readings::allocate);
            }),
        of(
                "close while objects are live",
                "",
                CLOSED,
                stage -> {
                  TypedPool<Reading> own = TypedPool.of(Reading.class, LAYOUT, 4);
                  stage.atEnd(own);
                  TypedBlock<Reading> reading = own.allocate();
                  stage.misuse(own::close);
                  reading.close();
                })
            .in(EnumSet.of(PoolKind.TIERS)));
  }

  private static MisuseCase of(String row, String variant, Expected expected, Misuse misuse) {
    return MisuseCase.of(Group.TYPED, row, variant, expected, misuse);
  }

  private static TypedPool<Reading> open(Stage stage) {
    return TypedPool.of(Reading.class, LAYOUT, stage.pool());
  }

  /** Something done to an object. */
  @FunctionalInterface
  private interface Use {
    void of(Reading reading);
  }

  /** Fallback memory dies with its allocation, at every level. */
  private static MisuseCase afterFree(Group group, Outcome checked, Use use) {
    Expected expected = Expected.unseenThen(checked, DEAD);
    return MisuseCase.of(
            group,
            "before the block is reused, through a typed object",
            "",
            expected,
            stage -> {
              TypedBlock<Reading> reading = open(stage).allocate();
              Reading value = reading.value();
              reading.close();
              stage.misuse(() -> use.of(value));
            })
        .except(Expected.always(DEAD), PoolKind.FALLBACK);
  }

  private static MisuseCase index(String row, int index) {
    return of(
        row,
        "",
        OUT,
        stage -> {
          TypedBlock<Reading> reading = open(stage).allocate();
          stage.misuse(() -> reading.value().samples(index));
          reading.close();
        });
  }
}
