package io.cistern.misuse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes to and reads of a block after it was freed, through a view that was kept. */
final class UseAfterFree {
  private static final Outcome DEAD = Outcome.thrown("IllegalStateException");
  private static final String NEW_OWNER =
      "a write into a block that has a new owner looks like the owner's, unless the view is dead";
  private static final String BARE_READ = "no check sees a read that goes through no live view";
  private static final String BARE_WRITE =
      "a write that goes through no view, into a block that has a new owner, looks like the owner's";

  private UseAfterFree() {}

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    for (View view : View.values()) {
      positions(view).forEach((name, at) -> cases.addAll(writes(view, name, at)));
    }
    for (View view : View.values()) {
      cases.addAll(reads(view));
    }
    return cases;
  }

  private static Map<String, Integer> positions(View view) {
    Map<String, Integer> positions = new LinkedHashMap<>();
    positions.put("first byte", 0);
    positions.put("in the middle", view.size() / 2);
    positions.put("last byte", view.size() - 1);
    return positions;
  }

  /** Memory of any size is not kept back: there the next allocation is the next owner. */
  private static List<MisuseCase> writes(View view, String variant, int at) {
    Outcome guarded = view.isUnchecked() ? Outcome.AT_REUSE : DEAD;
    Expected seen = Expected.unseenThen(Outcome.AT_REUSE, guarded);
    MisuseCase before =
        of(
            Group.WRITES,
            "before the block is reused, through " + view.text(),
            variant,
            seen,
            view,
            stage -> {
              Victim victim = stage.victim();
              Bytes bytes = view.of(stage, victim);
              stage.free(victim);
              stage.misuse(() -> bytes.write(at));
            });
    MisuseCase next =
        of(
            Group.WRITES,
            "after the next allocation, through " + view.text(),
            variant,
            seen,
            view,
            stage -> {
              Victim victim = stage.victim();
              Bytes bytes = view.of(stage, victim);
              stage.free(victim);
              stage.allocate();
              stage.misuse(() -> bytes.write(at));
            });
    Expected reused =
        Expected.unseenThen(Outcome.NOT_SEEN, view.isUnchecked() ? Outcome.NOT_SEEN : DEAD);
    MisuseCase after =
        of(
            Group.WRITES,
            "into the block's next owner, through " + view.text(),
            variant,
            reused,
            view,
            stage -> {
              Victim victim = stage.victim();
              Bytes bytes = view.of(stage, victim);
              stage.free(victim);
              stage.reuse(victim);
              stage.misuse(() -> bytes.write(at));
            });
    return List.of(
        before,
        next.notIn(PoolKind.VARIABLE),
        after.beyond(view.isUnchecked() ? BARE_WRITE : NEW_OWNER));
  }

  private static List<MisuseCase> reads(View view) {
    Expected seen =
        Expected.unseenThen(Outcome.NOT_SEEN, view.isUnchecked() ? Outcome.NOT_SEEN : DEAD);
    MisuseCase before =
        of(
            Group.READS,
            "before the block is reused",
            view.text(),
            seen,
            view,
            stage -> {
              Victim victim = stage.victim();
              Bytes bytes = view.of(stage, victim);
              stage.free(victim);
              stage.misuse(() -> bytes.read(0));
            });
    MisuseCase after =
        of(
            Group.READS,
            "of the block's next owner",
            view.text(),
            seen,
            view,
            stage -> {
              Victim victim = stage.victim();
              Bytes bytes = view.of(stage, victim);
              stage.free(victim);
              stage.reuse(victim);
              stage.misuse(() -> bytes.read(0));
            });
    String reason = view.isUnchecked() ? BARE_READ : "";
    return List.of(before.beyond(reason), after.beyond(reason));
  }

  /** Fallback memory dies with its allocation, at every level. */
  private static MisuseCase of(
      Group group, String row, String variant, Expected expected, View view, Misuse misuse) {
    MisuseCase one = MisuseCase.of(group, row, variant, expected, misuse);
    return view.limit(one.except(Expected.always(DEAD), PoolKind.FALLBACK));
  }
}
