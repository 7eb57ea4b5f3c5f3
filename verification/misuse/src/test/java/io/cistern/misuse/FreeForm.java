package io.cistern.misuse;

import io.cistern.MemoryPool;
import java.util.Locale;

/** The ways to free an allocation. */
enum FreeForm {
  /** {@code MemoryBlock.close()}. */
  BLOCK {
    @Override
    void free(MemoryPool pool, Victim victim) {
      victim.block().close();
    }
  },
  /** {@code free(handle)}. */
  HANDLE {
    @Override
    void free(MemoryPool pool, Victim victim) {
      pool.free(victim.handle());
    }
  },
  /** {@code free(handle, size)}. */
  SIZE {
    @Override
    void free(MemoryPool pool, Victim victim) {
      pool.free(victim.handle(), Victim.SIZE);
    }
  },
  /** {@code free(handles, offset, count)}. */
  BATCH {
    @Override
    void free(MemoryPool pool, Victim victim) {
      pool.free(new long[] {0, victim.handle(), 0}, 0, 3);
    }
  },
  /** {@code free(segment)}, the diagnostic form. */
  ADDRESS {
    @Override
    void free(MemoryPool pool, Victim victim) {
      pool.free(victim.segment());
    }
  };

  abstract void free(MemoryPool pool, Victim victim);

  /** As a variant in the table. */
  String text() {
    return "by " + name().toLowerCase(Locale.ROOT);
  }
}
