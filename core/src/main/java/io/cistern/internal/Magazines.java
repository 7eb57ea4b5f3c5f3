package io.cistern.internal;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The magazines of one pool: at most four a core. Three quarters belong to platform threads and are
 * found by thread id in a table of slots; a slot whose magazine belongs to another thread is no
 * hit, so no {@code ThreadLocal} is needed. The rest is leased for the length of one operation to
 * threads without one: virtual threads, and platform threads beyond that number. A magazine whose
 * owner is dead goes to the next thread that asks, with the hints that are in it.
 *
 * <p>Ownership changes under the pool's lock only; leases need none.
 */
final class Magazines {
  private static final int SHARED = Runtime.getRuntime().availableProcessors();
  private static final int OWNED = 3 * SHARED;
  private static final int SLOTS = Math.max(64, 4 * Integer.highestOneBit(OWNED));
  private static final long NOT_YET = -1;

  private final int limit;
  private final Magazine[] slots = new Magazine[SLOTS];
  private final Magazine[] shared = new Magazine[SHARED];

  /** Counts for operations that had no magazine; written under the pool's lock. */
  final Magazine direct = new Magazine(0, NOT_YET);

  /** All, the shared ones first; replaced as a whole when one is added. */
  private volatile Magazine[] all;

  Magazines(int limit) {
    this.limit = limit;
    Arrays.fill(slots, Magazine.NOBODY);
    Arrays.setAll(shared, i -> new Magazine(limit, Magazine.UNOWNED));
    this.all = shared;
  }

  Magazine[] all() {
    return all;
  }

  /** The only magazine that may be the thread's own. */
  Magazine candidate(long thread) {
    return slots[(int) thread & (SLOTS - 1)];
  }

  /**
   * The thread's own magazine, or one that it must give back by {@link #endLease}, or null when all
   * are taken.
   */
  @Nullable Magazine ownOrLease(Thread self) {
    long id = self.threadId();
    Magazine own = candidate(id);
    return own.owner == id ? own : lease(id);
  }

  private @Nullable Magazine lease(long id) {
    for (int i = 0; i < SHARED; i++) {
      Magazine magazine = shared[(int) ((id + i) % SHARED)];
      if (magazine.tryLease(id)) {
        return magazine;
      }
    }
    return null;
  }

  static void endLease(@Nullable Magazine magazine) {
    if (magazine != null && magazine.isShared()) {
      magazine.endLease();
    }
  }

  /**
   * Under the lock: a magazine of its own for a platform thread, if its slot and a magazine can be
   * had; else null.
   */
  @Nullable Magazine adopt(Thread self) {
    int slot = (int) self.threadId() & (SLOTS - 1);
    Magazine present = slots[slot];
    if (self.isVirtual() || (present != Magazine.NOBODY && !present.isOwnerDead())) {
      return null;
    }
    Magazine magazine = present != Magazine.NOBODY ? present : vacant();
    if (magazine != null) {
      slots[slot] = magazine;
      magazine.adopt(self);
    }
    return magazine;
  }

  /** A new magazine while there may be more, else that of a dead thread. */
  private @Nullable Magazine vacant() {
    Magazine[] present = all;
    if (present.length < SHARED + OWNED) {
      Magazine[] more = Arrays.copyOf(present, present.length + 1);
      more[present.length] = new Magazine(limit, NOT_YET);
      all = more;
      return more[present.length];
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      Magazine magazine = slots[slot];
      if (magazine != Magazine.NOBODY && magazine.isOwnerDead()) {
        slots[slot] = Magazine.NOBODY;
        return magazine;
      }
    }
    return null;
  }

  long frees() {
    long frees = direct.freesAcquire();
    for (Magazine magazine : all) {
      frees += magazine.freesAcquire();
    }
    return frees;
  }

  private long allocations() {
    long allocations = direct.allocationsAcquire();
    for (Magazine magazine : all) {
      allocations += magazine.allocationsAcquire();
    }
    return allocations;
  }

  /** Allocations before frees: in motion, rather too few than more than there ever were. */
  long used() {
    long allocations = allocations();
    return allocations - frees();
  }

  /**
   * Allocations last: a snapshot shows neither more frees than allocations, nor more bytes
   * requested than granted.
   */
  Blocks.Counts counts() {
    long requested = direct.requested;
    for (Magazine magazine : all) {
      requested += magazine.requested;
    }
    long frees = frees();
    VarHandle.acquireFence();
    return new Blocks.Counts(allocations(), frees, requested);
  }

  long bytes() {
    long bytes = direct.bytes() + 16 + 4L * SLOTS + 16 + 4L * SHARED;
    for (Magazine magazine : all) {
      bytes += magazine.bytes();
    }
    return bytes;
  }

  /** Marks every block that an entry names. */
  void verify(boolean[] hinted, List<String> findings) {
    for (Magazine magazine : all) {
      int top = magazine.topAcquire();
      if (top < 0 || top > magazine.limit) {
        findings.add("a magazine of %d says that it holds %d".formatted(magazine.limit, top));
        continue;
      }
      for (int position = 0; position < top; position++) {
        int index = magazine.entry(position);
        if (index < 0 || index >= hinted.length) {
          findings.add("a magazine names block %d of %d".formatted(index, hinted.length));
        } else {
          hinted[index] = true;
        }
      }
    }
  }
}
