package io.cistern.misuse;

import io.cistern.MemoryPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The pool as {@code java.lang.foreign.Arena}: misused as arenas are, and as pools are. */
final class Arenas {
  private static final Expected CLOSED = Expected.thrown("IllegalStateException");
  private static final Expected OUT = Expected.thrown("IndexOutOfBoundsException");
  private static final Expected WRONG_THREAD = Expected.thrown("WrongThreadException");
  private static final Expected NO_SUCH = Expected.thrown("IllegalArgumentException");
  private static final int[] DISTANCES = {1, 8, 64};

  private Arenas() {}

  /** The two arenas that a pool opens. */
  private enum Kind {
    CONFINED("confined arena") {
      @Override
      Arena open(MemoryPool pool) {
        return pool.openArena();
      }
    },
    SHARED("shared arena") {
      @Override
      Arena open(MemoryPool pool) {
        return pool.openSharedArena();
      }
    };

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    abstract Arena open(MemoryPool pool);
  }

  /** A misuse of an open arena with a segment, which is closed afterwards if it is still open. */
  @FunctionalInterface
  private interface ArenaMisuse {
    void commit(Stage stage, Arena arena, MemorySegment segment) throws Exception;
  }

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      cases.addAll(afterClose(kind));
      for (int distance : DISTANCES) {
        cases.addAll(bounds(kind, distance));
      }
      cases.addAll(requests(kind));
      cases.addAll(withThePool(kind));
    }
    cases.addAll(fromElsewhere());
    return cases;
  }

  private static MisuseCase of(
      Kind kind, String row, String variant, Expected expected, ArenaMisuse misuse) {
    MisuseCase everywhere =
        MisuseCase.of(
            Group.ARENAS,
            kind.text + ": " + row,
            variant,
            expected,
            stage -> {
              stage.victim();
              Arena arena = kind.open(stage.pool());
              misuse.commit(stage, arena, arena.allocate(Victim.SIZE));
              if (arena.scope().isAlive()) {
                arena.close();
              }
            });
    return kind == Kind.SHARED ? everywhere.notIn(PoolKind.CONFINED) : everywhere;
  }

  private static List<MisuseCase> afterClose(Kind kind) {
    return List.of(
        of(
            kind,
            "allocate after close",
            "",
            CLOSED,
            (stage, arena, segment) -> {
              arena.close();
              stage.misuse(() -> arena.allocate(Victim.SIZE));
            }),
        access(kind, "a segment", segment -> Bytes.of(segment, 0)),
        access(kind, "a slice", segment -> Bytes.of(segment.asSlice(50, 100), 0)),
        access(kind, "a buffer", segment -> Bytes.of(segment.asByteBuffer())),
        of(
            kind,
            "close twice",
            "",
            CLOSED,
            (stage, arena, segment) -> {
              arena.close();
              stage.misuse(arena::close);
            }));
  }

  /** A way to look at a segment. */
  @FunctionalInterface
  private interface Look {
    Bytes at(MemorySegment segment);
  }

  private static MisuseCase access(Kind kind, String variant, Look look) {
    return of(
        kind,
        "read after close",
        variant,
        CLOSED,
        (stage, arena, segment) -> {
          Bytes bytes = look.at(segment);
          arena.close();
          stage.misuse(() -> bytes.read(0));
        });
  }

  private static List<MisuseCase> bounds(Kind kind, int distance) {
    return List.of(
        of(
            kind,
            "overflow",
            "by " + distance + " B",
            OUT,
            (stage, arena, segment) -> {
              Bytes bytes = Bytes.of(segment, 0);
              stage.misuse(() -> bytes.write(Victim.SIZE + distance - 1));
            }),
        of(
            kind,
            "underflow",
            "by " + distance + " B",
            OUT,
            (stage, arena, segment) -> {
              Bytes bytes = Bytes.of(segment, 0);
              stage.misuse(() -> bytes.write(-distance));
            }));
  }

  private static List<MisuseCase> requests(Kind kind) {
    return List.of(
        of(
            kind,
            "a request that no arena serves",
            "a negative size",
            NO_SUCH,
            (stage, arena, segment) -> stage.misuse(() -> arena.allocate(-1))),
        of(
            kind,
            "a request that no arena serves",
            "an alignment of 3",
            NO_SUCH,
            (stage, arena, segment) -> stage.misuse(() -> arena.allocate(8, 3))),
        of(
            kind,
            "a request that no arena serves",
            "an alignment of 0",
            NO_SUCH,
            (stage, arena, segment) -> stage.misuse(() -> arena.allocate(8, 0))));
  }

  private static List<MisuseCase> withThePool(Kind kind) {
    return List.of(
        of(
            kind,
            "close the pool while the arena is open",
            "",
            CLOSED,
            (stage, arena, segment) -> stage.misuse(stage.pool()::close)),
        of(
            kind,
            "allocate after the pool's closeNow",
            "",
            CLOSED,
            (stage, arena, segment) -> {
              stage.pool().closeNow();
              stage.misuse(() -> arena.allocate(Victim.SIZE));
            }),
        of(
            kind,
            "free a segment's block by its address",
            "",
            Expected.thrown("FOREIGN"),
            (stage, arena, segment) -> stage.misuse(() -> stage.pool().free(segment))),
        MisuseCase.of(
            Group.ARENAS,
            kind.text + ": open it over a closed pool",
            "",
            CLOSED,
            stage -> {
              stage.pool().close();
              stage.misuse(() -> kind.open(stage.pool()));
            }));
  }

  private static List<MisuseCase> fromElsewhere() {
    Kind kind = Kind.CONFINED;
    return List.of(
        of(
            kind,
            "from another thread",
            "allocate",
            WRONG_THREAD,
            (stage, arena, segment) ->
                stage.misuse(() -> Elsewhere.run(() -> arena.allocate(Victim.SIZE)))),
        of(
            kind,
            "from another thread",
            "access",
            WRONG_THREAD,
            (stage, arena, segment) -> {
              Bytes bytes = Bytes.of(segment, 0);
              stage.misuse(() -> Elsewhere.run(() -> bytes.read(0)));
            }),
        of(
            kind,
            "from another thread",
            "close",
            WRONG_THREAD,
            (stage, arena, segment) -> stage.misuse(() -> Elsewhere.run(arena::close))));
  }
}
