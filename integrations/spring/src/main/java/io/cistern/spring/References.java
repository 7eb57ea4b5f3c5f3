package io.cistern.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The references to one buffer, which its slices share, and the memory that they keep. Made anew
 * for each buffer and never reused: a count that has come to 0 stays there, so a late release can
 * only find 0 and throw, and never the count of whoever has the block now.
 *
 * <pre>
 * count = 1 + retains - releases;   0 is final
 * memory is kept while count &gt; 0
 * </pre>
 *
 * <p>A buffer that grows moves to other memory. What others may look at by then, through slices or
 * byte buffers, is kept until the last reference is gone.
 */
final class References {
  private final AtomicInteger count = new AtomicInteger(1);
  private Memory memory;
  private @Nullable List<Memory> former;
  private volatile @Nullable Object hint;

  References(Memory memory) {
    this.memory = memory;
  }

  Memory memory() {
    return memory;
  }

  boolean isLive() {
    return count.get() > 0;
  }

  void check() {
    if (count.get() <= 0) {
      throw released("used");
    }
  }

  void touch(Object newHint) {
    hint = newHint;
  }

  void retain() {
    if (count.getAndUpdate(now -> now > 0 ? now + 1 : now) <= 0) {
      throw released("retained");
    }
  }

  /** True when that was the last one. */
  boolean release() {
    int before = count.getAndUpdate(now -> now > 0 ? now - 1 : now);
    if (before <= 0) {
      throw released("released");
    }
    if (before > 1) {
      return false;
    }
    List<Memory> others = former;
    if (others != null) {
      others.forEach(Memory::letGo);
    }
    memory.letGo();
    return true;
  }

  /** Goes on with other memory; the present one is let go, at once if nobody can see it. */
  void moveTo(Memory other) {
    Memory before = memory;
    memory = other;
    if (before.isLent()) {
      List<Memory> all = former == null ? new ArrayList<>() : former;
      all.add(before);
      former = all;
    } else {
      before.letGo();
    }
  }

  private IllegalStateException released(String what) {
    Object last = hint;
    return new IllegalStateException(
        "data buffer %s after its last release%s"
            .formatted(what, last == null ? "" : "; last hint: " + last));
  }
}
