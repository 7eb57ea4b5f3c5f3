package io.cistern.misuse;

import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pool confined to one thread, used by another. */
final class FromElsewhere {
  private static final Expected WRONG_THREAD = Expected.thrown("WrongThreadException");

  private FromElsewhere() {}

  /** A call that only the pool's thread may make. */
  @FunctionalInterface
  private interface PoolCall {
    void make(MemoryPool pool, Victim victim) throws Exception;
  }

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    calls().forEach((name, call) -> cases.add(of(name, call)));
    for (FreeForm form : FreeForm.values()) {
      cases.add(of("free " + form.text(), form::free));
    }
    return cases;
  }

  private static Map<String, PoolCall> calls() {
    Map<String, PoolCall> calls = new LinkedHashMap<>();
    calls.put("allocate", (pool, victim) -> pool.allocate(Victim.SIZE));
    calls.put("tryAllocate", (pool, victim) -> pool.tryAllocate(Victim.SIZE));
    calls.put("allocateHandle", (pool, victim) -> pool.allocateHandle(Victim.SIZE));
    calls.put("a batch", (pool, victim) -> pool.tryAllocateHandles(64, new long[2], 0, 2));
    calls.put("allocate and wait", (pool, victim) -> pool.allocate(64, Duration.ofMillis(1)));
    calls.put("resize", (pool, victim) -> victim.block().tryResize(100));
    calls.put("close", (pool, victim) -> pool.close());
    calls.put("closeNow", (pool, victim) -> pool.closeNow());
    return calls;
  }

  private static MisuseCase of(String name, PoolCall call) {
    return MisuseCase.of(
            Group.THREADS,
            "by another thread",
            name,
            WRONG_THREAD,
            stage -> {
              Victim victim = stage.victim();
              stage.misuse(() -> Elsewhere.run(() -> call.make(stage.pool(), victim)));
            })
        .in(EnumSet.of(PoolKind.CONFINED));
  }
}
