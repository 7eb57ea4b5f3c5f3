package io.cistern.misuse;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Frees of what the pool never gave, and of what it gave under another address or size. */
final class ForeignFrees {
  private static final Expected FOREIGN = Expected.thrown("FOREIGN");
  private static final Expected STALE = Expected.thrown("STALE");
  private static final Expected INTERIOR = Expected.thrown("INTERIOR");
  private static final Expected WRONG_SIZE = Expected.thrown("WRONG_SIZE");

  private ForeignFrees() {}

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    for (FreeForm form :
        List.of(FreeForm.HANDLE, FreeForm.SIZE, FreeForm.BATCH, FreeForm.ADDRESS)) {
      cases.add(ofAnotherPool(form));
    }
    cases.add(unknownToTheManager());
    cases.addAll(madeUpHandles());
    cases.addAll(otherMemory());
    cases.addAll(interiorAddresses());
    cases.addAll(wrongSizes());
    return cases;
  }

  private static MisuseCase of(String row, String variant, Expected expected, Misuse misuse) {
    return MisuseCase.of(Group.FREES, row, variant, expected, misuse);
  }

  private static MisuseCase ofAnotherPool(FreeForm form) {
    return of(
        "wrong pool: another pool's block",
        form.text(),
        FOREIGN,
        stage -> {
          stage.victim();
          Victim foreign = Victim.of(stage.other().allocate(Victim.SIZE));
          stage.misuse(() -> form.free(stage.pool(), foreign));
        });
  }

  private static MisuseCase unknownToTheManager() {
    return of(
        "wrong pool: another pool's block",
        "by handle, to a manager",
        FOREIGN,
        stage -> {
          Victim victim = stage.victim();
          PoolManager manager =
              PoolManager.builder().pool("other", MemoryPool.builder().tier(256, 8)).build();
          stage.atEnd(manager);
          stage.misuse(() -> manager.free(victim.handle()));
        });
  }

  /** Bits of a handle: pool 56 to 63, block 32 to 55, generation 0 to 31. */
  private static List<MisuseCase> madeUpHandles() {
    return List.of(
        madeUp("another generation", STALE, 1),
        madeUp("a generation to come", STALE, 1L << 31),
        madeUp("a block that there is not", FOREIGN, 0x3FL << 40),
        madeUp("another pool's number", FOREIGN, 1L << 63),
        of(
            "made-up handle",
            "all ones",
            FOREIGN,
            stage -> {
              stage.victim();
              stage.misuse(() -> stage.pool().free(-1L));
            }),
        of(
            "made-up handle",
            "a small number",
            FOREIGN,
            stage -> {
              stage.victim();
              stage.misuse(() -> stage.pool().free(42));
            }));
  }

  private static MisuseCase madeUp(String variant, Expected expected, long bits) {
    return of(
        "made-up handle",
        variant,
        expected,
        stage -> {
          Victim victim = stage.victim();
          stage.misuse(() -> stage.pool().free(victim.handle() ^ bits));
        });
  }

  private static List<MisuseCase> otherMemory() {
    return List.of(
        of(
            "foreign memory",
            "a segment on the heap",
            FOREIGN,
            stage -> {
              stage.victim();
              stage.misuse(() -> stage.pool().free(MemorySegment.ofArray(new byte[Victim.SIZE])));
            }),
        of(
            "foreign memory",
            "a segment of a JDK arena",
            FOREIGN,
            stage -> {
              stage.victim();
              Arena arena = Arena.ofShared();
              stage.atEnd(arena);
              MemorySegment foreign = arena.allocate(Victim.SIZE);
              stage.misuse(() -> stage.pool().free(foreign));
            }),
        of(
            "foreign memory",
            "a direct buffer of the JDK",
            FOREIGN,
            stage -> {
              stage.victim();
              ByteBuffer foreign = ByteBuffer.allocateDirect(Victim.SIZE);
              stage.misuse(() -> stage.pool().free(MemorySegment.ofBuffer(foreign)));
            }),
        of(
            "foreign memory",
            "a null address",
            FOREIGN,
            stage -> {
              stage.victim();
              stage.misuse(() -> stage.pool().free(MemorySegment.NULL));
            }));
  }

  /** Fallback memory is found by where it starts, and by nothing else. */
  private static List<MisuseCase> interiorAddresses() {
    List<MisuseCase> cases = new ArrayList<>();
    for (int into : new int[] {1, 8, Victim.SIZE / 2, Victim.SIZE - 1}) {
      cases.add(
          of(
                  "interior address",
                  "byte " + into,
                  INTERIOR,
                  stage -> {
                    Victim victim = stage.victim();
                    MemorySegment inside = victim.segment().asSlice(into);
                    stage.misuse(() -> stage.pool().free(inside));
                  })
              .except(FOREIGN, PoolKind.FALLBACK));
    }
    return cases;
  }

  private static List<MisuseCase> wrongSizes() {
    List<MisuseCase> cases = new ArrayList<>();
    for (int size : new int[] {0, 1, Victim.SIZE - 1, Victim.SIZE + 1, 256, -1}) {
      cases.add(
          of(
              "wrong size",
              size + " B instead of " + Victim.SIZE,
              WRONG_SIZE,
              stage -> {
                Victim victim = stage.victim();
                stage.misuse(() -> stage.pool().free(victim.handle(), size));
              }));
    }
    return cases;
  }
}
