package io.cistern.misuse;

import io.cistern.MemoryPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calls that name an allocation which is gone: by its block, its handle, or another's handle. */
final class StaleUse {
  private static final Expected GONE = Expected.thrown("IllegalStateException");
  private static final Expected UNKNOWN = Expected.thrown("IllegalArgumentException");

  private StaleUse() {}

  /** What can be asked of a block. */
  @FunctionalInterface
  private interface BlockCall {
    void ask(Victim victim);
  }

  /** What can be asked of a handle. */
  @FunctionalInterface
  private interface HandleCall {
    void ask(MemoryPool pool, long handle);
  }

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    blockCalls().forEach((name, call) -> cases.addAll(ofBlock(name, call)));
    handleCalls().forEach((name, call) -> cases.addAll(ofHandle(name, call)));
    return cases;
  }

  private static Map<String, BlockCall> blockCalls() {
    Map<String, BlockCall> calls = new LinkedHashMap<>();
    calls.put("segment()", victim -> victim.block().segment());
    calls.put("byteBuffer()", victim -> victim.block().byteBuffer());
    calls.put("tryResize", victim -> victim.block().tryResize(100));
    calls.put("pin()", victim -> victim.block().pin());
    return calls;
  }

  private static Map<String, HandleCall> handleCalls() {
    Map<String, HandleCall> calls = new LinkedHashMap<>();
    calls.put("segment", MemoryPool::segment);
    calls.put("offset", MemoryPool::offset);
    calls.put("byteSize", MemoryPool::byteSize);
    calls.put("tryResize", (pool, handle) -> pool.tryResize(handle, 100));
    calls.put("pin", MemoryPool::pin);
    return calls;
  }

  private static List<MisuseCase> ofBlock(String name, BlockCall call) {
    return List.of(
        of(
            "of a freed block",
            name,
            GONE,
            stage -> {
              Victim victim = stage.freed();
              stage.misuse(() -> call.ask(victim));
            }),
        of(
            "of a freed block, after re-allocation",
            name,
            GONE,
            stage -> {
              Victim victim = stage.freed();
              stage.reuse(victim);
              stage.misuse(() -> call.ask(victim));
            }));
  }

  private static List<MisuseCase> ofHandle(String name, HandleCall call) {
    List<MisuseCase> cases =
        List.of(
            of(
                "by a freed handle",
                name,
                UNKNOWN,
                stage -> {
                  Victim victim = stage.freed();
                  stage.misuse(() -> call.ask(stage.pool(), victim.handle()));
                }),
            of(
                "by a freed handle, after re-allocation",
                name,
                UNKNOWN,
                stage -> {
                  Victim victim = stage.freed();
                  stage.reuse(victim);
                  stage.misuse(() -> call.ask(stage.pool(), victim.handle()));
                }),
            of(
                "by another pool's handle",
                name,
                UNKNOWN,
                stage -> {
                  long foreign = stage.other().allocateHandle(Victim.SIZE);
                  stage.misuse(() -> call.ask(stage.pool(), foreign));
                }),
            of(
                "by a made-up handle",
                name,
                UNKNOWN,
                stage -> {
                  Victim victim = stage.victim();
                  stage.misuse(() -> call.ask(stage.pool(), victim.handle() + 2));
                }));
    return name.equals("offset") ? noOffsets(cases) : cases;
  }

  /** Pools whose memory is not one piece know no offsets, whoever asks. */
  private static List<MisuseCase> noOffsets(List<MisuseCase> cases) {
    return cases.stream().map(one -> one.notIn(PoolKind.REGIONS, PoolKind.FALLBACK)).toList();
  }

  private static MisuseCase of(String row, String variant, Expected expected, Misuse misuse) {
    return MisuseCase.of(Group.STALE, row, variant, expected, misuse);
  }
}
