package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * A small stack of indices of blocks that were free when they were pushed: hints, never the truth.
 * Only the owner pushes and pops; others may read the entries and claim what is still free, which
 * leaves stale entries that the owner skips. The owner's counters live here too, so that counting
 * needs no atomic.
 *
 * <p>The fields that the owner writes stand alone between 64 bytes of padding, and so do the
 * entries.
 */
final class Magazine extends MagazineFields {
  private static final int PAD = 16;

  @SuppressWarnings("unused")
  private long q0, q1, q2, q3, q4, q5, q6, q7;

  /** No owner: may be leased for one operation. */
  static final long UNOWNED = 0;

  /** Belongs to nobody, for ever: stands in empty slots of the table. */
  static final Magazine NOBODY = new Magazine(0, -1);

  private static final VarHandle OWNER;
  private static final VarHandle TOP;
  private static final VarHandle ALLOCATIONS;
  private static final VarHandle FREES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OWNER = lookup.findVarHandle(MagazineFields.class, "owner", long.class);
      TOP = lookup.findVarHandle(MagazineFields.class, "top", int.class);
      ALLOCATIONS = lookup.findVarHandle(MagazineFields.class, "allocations", long.class);
      FREES = lookup.findVarHandle(MagazineFields.class, "frees", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  Magazine(int limit, long owner) {
    super(limit, new int[limit + 2 * PAD]);
    this.owner = owner;
  }

  /** The owner's thread, while it may be alive; null for magazines that are leased. */
  @Nullable WeakReference<Thread> thread;

  // --- by the owner ---------------------------------------------------------------------------

  int entry(int position) {
    return entries[PAD + position];
  }

  void setEntry(int position, int index) {
    entries[PAD + position] = index;
  }

  void setTop(int value) {
    TOP.setRelease(this, value);
  }

  void countAllocation(int size) {
    ALLOCATIONS.setRelease(this, allocations + 1);
    requested += size;
  }

  void countFree() {
    FREES.setRelease(this, frees + 1);
  }

  // --- by others ------------------------------------------------------------------------------

  int topAcquire() {
    return (int) TOP.getAcquire(this);
  }

  long allocationsAcquire() {
    return (long) ALLOCATIONS.getAcquire(this);
  }

  long freesAcquire() {
    return (long) FREES.getAcquire(this);
  }

  boolean tryLease(long thread) {
    return owner == UNOWNED && OWNER.compareAndSet(this, UNOWNED, thread);
  }

  void endLease() {
    OWNER.setRelease(this, UNOWNED);
  }

  /** Makes a thread the owner; under the pool's lock, and only when the owner before is dead. */
  void adopt(Thread newOwner) {
    thread = new WeakReference<>(newOwner);
    OWNER.setRelease(this, newOwner.threadId());
  }

  /** Whether it belongs to nobody for longer than an operation. */
  boolean isShared() {
    return thread == null;
  }

  boolean isOwnerDead() {
    Thread last = thread == null ? null : thread.get();
    return last == null || !last.isAlive();
  }

  long bytes() {
    return 64 + 64 + 64 + 16 + 4L * entries.length;
  }
}

/** Padding before the fields: HotSpot lays out a superclass's fields first. */
abstract class MagazinePadding {
  @SuppressWarnings("unused")
  private long p0, p1, p2, p3, p4, p5, p6;
}

abstract class MagazineFields extends MagazinePadding {
  /** Id of the thread that may push and pop. Ids are never reused. */
  long owner;

  long allocations;
  long frees;

  /** Sum of sizes asked for. */
  long requested;

  final int limit;

  /** Entries in use; those from 0 to top - 1 are hints. */
  int top;

  final int[] entries;

  MagazineFields(int limit, int[] entries) {
    this.limit = limit;
    this.entries = entries;
  }
}
