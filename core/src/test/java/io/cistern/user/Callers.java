package io.cistern.user;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.util.function.Supplier;

/** Code outside of the pool's own packages: what a stack shows of a pool's users. */
public final class Callers {
  private Callers() {}

  /** One place that allocates. */
  public static MemoryBlock first(MemoryPool pool, long size) {
    return pool.allocate(size);
  }

  /** Another one. */
  public static MemoryBlock second(MemoryPool pool, long size) {
    return pool.allocate(size);
  }

  /** Calls something from here. */
  public static <T> T here(Supplier<T> call) {
    return call.get();
  }

  /** Calls something from another place. */
  public static <T> T there(Supplier<T> call) {
    return call.get();
  }

  /** Calls something from so many frames deeper. */
  public static <T> T deep(int frames, Supplier<T> call) {
    return frames == 0 ? call.get() : deep(frames - 1, call);
  }
}
