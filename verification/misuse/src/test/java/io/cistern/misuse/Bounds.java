package io.cistern.misuse;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes beyond what was asked for, through every kind of view: so many bytes from the first one
 * too far on. The blocks on both sides are live, so what is not checked hits somebody.
 */
final class Bounds {
  private static final Expected OUT = Expected.thrown("IndexOutOfBoundsException");
  private static final Expected AT_FREE = Expected.unseenThen(Outcome.AT_FREE, Outcome.AT_FREE);
  private static final int[] DISTANCES = {1, 8, 64};

  private Bounds() {}

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    for (View view : View.values()) {
      for (int distance : DISTANCES) {
        cases.add(overflow(view, distance));
        cases.add(underflow(view, distance));
      }
    }
    cases.addAll(inBulk());
    return cases;
  }

  private static MisuseCase overflow(View view, int distance) {
    return through(
        view,
        "overflow",
        distance,
        stage -> {
          Bytes bytes = view.of(stage, stage.victim());
          stage.misuse(() -> {
            for (int at = 0; at < distance; at++) {
              bytes.write(view.size() + at);
            }
          });
        });
  }

  private static MisuseCase underflow(View view, int distance) {
    return through(
        view,
        "underflow",
        distance,
        stage -> {
          Bytes bytes = view.of(stage, stage.victim());
          stage.misuse(() -> {
            for (int at = 1; at <= distance; at++) {
              bytes.write(-at);
            }
          });
        });
  }

  private static MisuseCase through(View view, String what, int distance, Misuse misuse) {
    String row = what + " through " + view.text();
    Expected expected = view.isUnchecked() ? AT_FREE : OUT;
    return view.limit(MisuseCase.of(Group.BOUNDS, row, "by " + distance + " B", expected, misuse));
  }

  private static List<MisuseCase> inBulk() {
    return List.of(
        MisuseCase.of(
            Group.BOUNDS,
            "overflow by a bulk copy",
            "of segments",
            OUT,
            stage -> {
              Victim victim = stage.victim();
              MemorySegment from = MemorySegment.ofArray(new byte[Victim.SIZE + 1]);
              stage.misuse(() -> victim.segment().copyFrom(from));
            }),
        MisuseCase.of(
            Group.BOUNDS,
            "overflow by a bulk copy",
            "into a buffer",
            Expected.thrown("BufferOverflowException"),
            stage -> {
              Victim victim = stage.victim();
              stage.misuse(() -> victim.buffer().put(new byte[Victim.SIZE + 1]));
            }),
        MisuseCase.of(
            Group.BOUNDS,
            "a slice larger than the block",
            "",
            OUT,
            stage -> {
              Victim victim = stage.victim();
              stage.misuse(() -> victim.segment().asSlice(0, Victim.SIZE + 1));
            }));
  }
}
