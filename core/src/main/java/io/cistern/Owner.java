package io.cistern;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * For whom blocks are allocated: who pays for them, and under which label they are counted. A block
 * of a governed pool remembers its owner by the owner's number in that pool.
 *
 * @param number in its pool
 * @param quota that is charged, if any
 * @param label that counts, if any
 */
record Owner(int number, @Nullable Quota quota, @Nullable Label label) {
  /** What was allocated and freed under one label; exact when nothing is under way. */
  static final class Label {
    final String name;
    private final LongAdder allocations = new LongAdder();
    private final LongAdder frees = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder failed = new LongAdder();

    Label(String name) {
      this.name = name;
    }

    PoolStats.Label stats() {
      long freed = frees.sum();
      long allocated = allocations.sum();
      return new PoolStats.Label(
          name, allocated, freed, allocated - freed, bytes.sum(), failed.sum());
    }
  }

  /** Its label, "" if it has none. */
  String name() {
    return label == null ? "" : label.name;
  }

  boolean isCritical() {
    return quota != null && quota.isCritical();
  }

  void allocated(long bytes) {
    if (label != null) {
      label.allocations.increment();
      label.bytes.add(bytes);
    }
  }

  void freed(long bytes) {
    if (quota != null) {
      quota.uncharge(bytes);
    }
    if (label != null) {
      label.frees.increment();
      label.bytes.add(-bytes);
    }
  }

  void resized(long bytes) {
    if (label != null) {
      label.bytes.add(bytes);
    }
  }

  void failed() {
    if (label != null) {
      label.failed.increment();
    }
  }
}
