package io.cistern.spring;

import java.lang.ref.Cleaner;
import java.lang.ref.Cleaner.Cleanable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
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
 * <p>A server's references are watched by the collector. Spring's servlet adapters forget buffers
 * when a client goes away, which the heap forgives; so must these.
 */
final class References {
  private static final Cleaner CLEANER = Cleaner.create();

  private final AtomicInteger count = new AtomicInteger(1);
  private final Holding holding;
  private final @Nullable Cleanable watched;
  private volatile @Nullable Object hint;

  private References(Holding holding, boolean watch) {
    this.holding = holding;
    this.watched = watch ? CLEANER.register(this, holding) : null;
  }

  /** The first reference to memory. */
  static References to(Memory memory) {
    return new References(new Holding(memory, new LongAdder()), false);
  }

  /** As {@link #to}; when all are forgotten, the collector lets the memory go and counts that. */
  static References watched(Memory memory, LongAdder lost) {
    return new References(new Holding(memory, lost), true);
  }

  /** Those of a buffer that has a part of the same memory. */
  References part() {
    Memory memory = holding.memory();
    memory.share();
    return new References(new Holding(memory, holding.lost()), watched != null);
  }

  Memory memory() {
    return holding.memory();
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
    holding.release();
    if (watched == null) {
      holding.run();
    } else {
      watched.clean();
    }
    return true;
  }

  void moveTo(Memory other) {
    holding.moveTo(other);
  }

  private IllegalStateException released(String what) {
    Object last = hint;
    return new IllegalStateException(
        "data buffer %s after its last release%s"
            .formatted(what, last == null ? "" : "; last hint: " + last));
  }
}
