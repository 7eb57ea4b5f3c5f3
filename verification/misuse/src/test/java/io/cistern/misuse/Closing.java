package io.cistern.misuse;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pools that are used after they were closed, and pools that are closed while they are used. */
final class Closing {
  private static final Expected CLOSED = Expected.thrown("IllegalStateException");

  private Closing() {}

  /** A call that needs an open pool. */
  @FunctionalInterface
  private interface PoolCall {
    void make(MemoryPool pool) throws Exception;
  }

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    calls().forEach((name, call) -> cases.addAll(afterClose(name, call)));
    cases.addAll(afterCloseNow());
    cases.addAll(whileLive());
    return cases;
  }

  private static MisuseCase of(String row, String variant, Misuse misuse) {
    return MisuseCase.of(Group.CLOSING, row, variant, CLOSED, misuse);
  }

  private static Map<String, PoolCall> calls() {
    Map<String, PoolCall> calls = new LinkedHashMap<>();
    calls.put("allocate", pool -> pool.allocate(Victim.SIZE));
    calls.put("tryAllocate", pool -> pool.tryAllocate(Victim.SIZE));
    calls.put("allocateHandle", pool -> pool.allocateHandle(Victim.SIZE));
    calls.put("a batch", pool -> pool.tryAllocateHandles(64, new long[2], 0, 2));
    calls.put("allocate and wait", pool -> pool.allocate(64, Duration.ofMillis(1)));
    calls.put("allocate aligned", pool -> pool.allocate(64, 8));
    return calls;
  }

  private static List<MisuseCase> afterClose(String name, PoolCall call) {
    return List.of(
        of(
            "from a closed pool",
            name,
            stage -> {
              stage.pool().close();
              stage.misuse(() -> call.make(stage.pool()));
            }),
        of(
            "from a pool closed by closeNow",
            name,
            stage -> {
              stage.victim();
              stage.pool().closeNow();
              stage.misuse(() -> call.make(stage.pool()));
            }));
  }

  /** The memory is gone, and so is every view of it. */
  private static List<MisuseCase> afterCloseNow() {
    List<MisuseCase> cases = new ArrayList<>();
    for (View view : View.values()) {
      if (view != View.ADDRESS) {
        cases.add(
            view.limit(
                of(
                    "access after closeNow",
                    view.text(),
                    stage -> {
                      Bytes bytes = view.of(stage, stage.victim());
                      stage.pool().closeNow();
                      stage.misuse(() -> bytes.write(0));
                    })));
      }
    }
    cases.add(
        of(
            "access after closeNow",
            "a segment of a block that was pinned before",
            stage -> {
              Victim victim = stage.victim();
              victim.block().pin().close();
              stage.pool().closeNow();
              stage.misuse(() -> victim.segment().fill((byte) 0));
            }));
    cases.add(
        of(
            "access after closeNow",
            "a new segment",
            stage -> {
              Victim victim = stage.victim();
              stage.pool().closeNow();
              stage.misuse(victim.block()::segment);
            }));
    cases.add(
        of(
            "access after closeNow",
            "a new segment by handle",
            stage -> {
              Victim victim = stage.victim();
              stage.pool().closeNow();
              stage.misuse(() -> stage.pool().segment(victim.handle()));
            }));
    return cases;
  }

  /** The collector's finds are looked at by the pool's next operation; its close says it too. */
  private static MisuseCase neverFreed() {
    Expected reported =
        new Expected(
            new Outcome(Seen.REPORTED, "IllegalStateException"),
            Outcome.REPORTED,
            Outcome.REPORTED);
    return MisuseCase.of(
            Group.CLOSING,
            "a block that is never freed, and nobody holds",
            "",
            reported,
            stage -> {
              stage.pool().allocate(Victim.SIZE);
              stage.misuse(() -> {});
              if (stage.level() != CheckLevel.STANDARD && stage.kind() != PoolKind.FALLBACK) {
                awaitCollector(stage);
              }
            })
        .except(Expected.always(reported.standard()), PoolKind.FALLBACK);
  }

  private static void awaitCollector(Stage stage) {
    Elsewhere.until(
        "the block is found",
        () -> {
          System.gc();
          stage.pool().allocate(Victim.SIZE).close();
          return stage.isLost();
        });
  }

  private static List<MisuseCase> whileLive() {
    return List.of(
        neverFreed(),
        of(
            "close while blocks are live",
            "",
            stage -> {
              stage.victim();
              stage.misuse(stage.pool()::close);
            }),
        of(
            "close while a block is live that nobody holds",
            "",
            stage -> {
              Victim victim = stage.victim();
              stage.living().all().stream()
                  .filter(other -> !other.equals(victim))
                  .forEach(stage::free);
              stage.misuse(stage.pool()::close);
            }));
  }
}
