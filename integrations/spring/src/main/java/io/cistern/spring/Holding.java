package io.cistern.spring;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/**
 * The memory that the references to one buffer keep: the present one, and what the buffer has grown
 * out of while somebody looked at it. Apart from {@link References}, which the collector watches,
 * so that it can be let go when they were never released and nobody has them any more.
 */
final class Holding implements Runnable {
  private final LongAdder lost;
  private final CopyOnWriteArrayList<Memory> former = new CopyOnWriteArrayList<>();
  private volatile Memory memory;
  private volatile boolean released;

  Holding(Memory memory, LongAdder lost) {
    this.memory = memory;
    this.lost = lost;
  }

  Memory memory() {
    return memory;
  }

  LongAdder lost() {
    return lost;
  }

  /** Goes on with other memory; the present one is let go, at once if nobody can see it. */
  void moveTo(Memory other) {
    Memory before = memory;
    memory = other;
    if (before.isLent()) {
      former.add(before);
    } else {
      before.letGo();
    }
  }

  /** The last reference was released; {@link #run} comes next. */
  void release() {
    released = true;
  }

  /**
   * Lets all of it go. That is done once: by whoever released the last reference, or by the
   * collector's thread, which leaves what views were given out of, since it cannot see those.
   */
  @Override
  public void run() {
    if (released) {
      former.forEach(Memory::letGo);
      memory.letGo();
    } else if (memory.isBlock()) {
      lost.increment();
      if (!memory.isLent()) {
        memory.letGo();
      }
    }
  }
}
