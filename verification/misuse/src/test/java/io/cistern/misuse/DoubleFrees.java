package io.cistern.misuse;

import static io.cistern.misuse.PoolKind.CONFINED;
import static io.cistern.misuse.PoolKind.FALLBACK;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;

/**
 * Allocations that are freed a second time: as long as nobody has had the block since a double
 * free, then a stale one. The diagnostic form by address is given a segment that was kept.
 */
final class DoubleFrees {
  private static final Expected DOUBLE = Expected.thrown("DOUBLE_FREE");
  private static final Expected STALE = Expected.thrown("STALE");
  private static final Expected FOREIGN = Expected.thrown("FOREIGN");
  private static final Expected ELSEWHERE = Expected.thrown("WrongThreadException");
  private static final int OWNERS = 100;

  private DoubleFrees() {}

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    for (FreeForm form : FreeForm.values()) {
      cases.addAll(doubleFrees(form));
    }
    cases.addAll(mixedForms());
    for (FreeForm form : FreeForm.values()) {
      List<MisuseCase> stale = staleFrees(form);
      cases.addAll(form == FreeForm.ADDRESS ? believed(stale) : stale);
    }
    return cases;
  }

  private static MisuseCase of(String row, String variant, Expected expected, Misuse misuse) {
    return MisuseCase.of(Group.FREES, row, variant, expected, misuse);
  }

  private static List<MisuseCase> doubleFrees(FreeForm form) {
    List<MisuseCase> cases =
        List.of(
            of(
                "double free, at once",
                form.text(),
                DOUBLE,
                stage -> {
                  Victim victim = stage.freed();
                  stage.misuse(() -> form.free(stage.pool(), victim));
                }),
            of(
                "double free, after one other free",
                form.text(),
                DOUBLE,
                stage -> {
                  Victim victim = stage.victim();
                  Victim other = stage.allocate();
                  stage.free(victim);
                  stage.free(other);
                  stage.misuse(() -> form.free(stage.pool(), victim));
                }),
            of(
                    "double free, on another thread",
                    form.text(),
                    DOUBLE,
                    stage -> {
                      Victim victim = stage.freed();
                      stage.misuse(() -> Elsewhere.run(() -> form.free(stage.pool(), victim)));
                    })
                .except(form == FreeForm.BLOCK ? ELSEWHERE : DOUBLE, CONFINED),
            of(
                    "double free, by two threads at once",
                    form.text(),
                    DOUBLE,
                    stage -> {
                      Victim victim = stage.victim();
                      stage.forget(victim);
                      stage.misuse(() -> together(() -> form.free(stage.pool(), victim)));
                    })
                .notIn(
                    form == FreeForm.ADDRESS
                        ? new PoolKind[] {CONFINED, FALLBACK}
                        : new PoolKind[] {CONFINED}));
    return form == FreeForm.ADDRESS
        ? cases.stream().map(one -> one.except(FOREIGN, FALLBACK)).toList()
        : cases;
  }

  /** Does a call on two threads at once; one of them must be thrown something. */
  private static void together(Call call) throws Throwable {
    CyclicBarrier start = new CyclicBarrier(2);
    FutureTask<Boolean> other =
        Elsewhere.start(() -> {
          start.await();
          call.run();
          return true;
        });
    start.await();
    try {
      call.run();
    } finally {
      Elsewhere.get(other);
    }
  }

  private static List<MisuseCase> mixedForms() {
    return List.of(
        of(
            "double free, at once",
            "by handle after the block",
            DOUBLE,
            stage -> {
              Victim victim = stage.freed();
              stage.misuse(() -> stage.pool().free(victim.handle()));
            }),
        of(
            "double free, at once",
            "by block after the handle",
            DOUBLE,
            stage -> {
              Victim victim = stage.victim();
              stage.pool().free(victim.handle());
              stage.forget(victim);
              stage.misuse(victim.block()::close);
            }),
        of(
            "double free, at once",
            "twice in one batch",
            DOUBLE,
            stage -> {
              Victim victim = stage.victim();
              stage.forget(victim);
              long[] twice = {victim.handle(), victim.handle()};
              stage.misuse(() -> stage.pool().free(twice, 0, 2));
            }));
  }

  private static List<MisuseCase> staleFrees(FreeForm form) {
    return List.of(
        of(
            "stale free, after re-allocation",
            form.text(),
            STALE,
            stage -> {
              Victim victim = stage.freed();
              stage.reuse(victim);
              stage.misuse(() -> form.free(stage.pool(), victim));
            }),
        of(
            "stale free, after 100 owners",
            form.text(),
            STALE,
            stage -> {
              Victim victim = stage.freed();
              for (int owner = 0; owner < OWNERS; owner++) {
                stage.free(stage.allocate());
              }
              stage.reuse(victim);
              stage.misuse(() -> form.free(stage.pool(), victim));
            }),
        of(
                "stale free, on another thread",
                form.text(),
                STALE,
                stage -> {
                  Victim victim = stage.freed();
                  stage.reuse(victim);
                  stage.misuse(() -> Elsewhere.run(() -> form.free(stage.pool(), victim)));
                })
            .except(
                form == FreeForm.BLOCK || form == FreeForm.ADDRESS ? ELSEWHERE : STALE, CONFINED));
  }

  /**
   * The one form that cannot tell, but for a segment that is dead: the owner hears of it when it
   * frees what is no longer its.
   */
  private static List<MisuseCase> believed(List<MisuseCase> stale) {
    Outcome late = new Outcome(Seen.REPORTED_AT_FREE, "DOUBLE_FREE");
    Expected believed = new Expected(late, late, Outcome.thrown("STALE"));
    return stale.stream()
        .map(one ->
            new MisuseCase(
                    one.group(),
                    one.row(),
                    one.variant(),
                    one.misuse(),
                    believed,
                    one.exceptions(),
                    one.kinds(),
                    "")
                .notIn(FALLBACK)
                .beyond(
                    "an address does not tell a block's present owner from an earlier one; the form is"
                        + " for diagnosis"))
        .toList();
  }
}
