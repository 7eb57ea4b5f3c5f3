package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** Padding before the fields: HotSpot lays out a superclass's fields first. */
abstract class MagazinePadding {
  @SuppressWarnings("unused")
  private long p0, p1, p2, p3, p4, p5, p6;
}

/**
 * What a {@link Magazine} consists of, and all that is not on the fast path: entries, owner,
 * counters. The fields that the owner writes stand alone between 64 bytes of padding, and so do the
 * entries.
 */
abstract class MagazineState extends MagazinePadding {
  /** No owner: may be leased for one operation. */
  static final long UNOWNED = 0;

  /** Entries before the lowest, and half as many behind the highest. */
  static final int PAD = 8;

  /** The block of the entry below the lowest: its record belongs to no block, and has no mark. */
  private static final int NOTHING = -1;

  private static final VarHandle OWNER;
  private static final VarHandle TOP;
  private static final VarHandle ALLOCATIONS;
  private static final VarHandle FREES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OWNER = lookup.findVarHandle(MagazineState.class, "owner", long.class);
      TOP = lookup.findVarHandle(MagazineState.class, "top", int.class);
      ALLOCATIONS = lookup.findVarHandle(MagazineState.class, "allocations", long.class);
      FREES = lookup.findVarHandle(MagazineState.class, "frees", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** Id of the thread that may push and pop. Ids are never reused. */
  long owner;

  long allocations;
  long frees;

  /** Sum of sizes asked for. */
  long requested;

  long claimMark = Magazine.NEVER;
  long freeMark = Magazine.NEVER;

  /** 1 while the owner may write a word by a plain store. */
  int busy;

  /** How many entries there can be. */
  final int limit;

  /** Entries in use; those from 0 to top - 1 are hints. */
  int top;

  final long[] entries;

  /** Of the blocks, {@link Blocks}. */
  final long[] words;

  final long firstHandle;

  /** The owner's thread, while it may be alive; null for magazines that are leased. */
  private @Nullable WeakReference<Thread> thread;

  MagazineState(@Nullable Blocks blocks, int limit, long owner) {
    this.words = blocks == null ? new long[Blocks.at(0)] : blocks.words;
    this.firstHandle = blocks == null ? 0 : blocks.firstHandle;
    this.limit = limit;
    this.owner = owner;
    this.entries = new long[PAD + limit + PAD / 2];
    entries[PAD - 1] = Blocks.handle(firstHandle, NOTHING, 0);
  }

  // --- by the owner, otherwise
  // --------------------------------------------------------------------

  /** The block that an entry names. */
  int entry(int position) {
    return index(entries[PAD + position]);
  }

  final int index(long handle) {
    return (int) ((handle - firstHandle) >>> 32);
  }

  /** Enters a block by the word that it has, or will have, when it is free. */
  void setEntry(int position, int index, long word) {
    entries[PAD + position] = Blocks.handle(firstHandle, index, word);
  }

  /** Whether the entry is the one that a block had before its first allocation. */
  boolean isFirst(int position, int index, long firstWord) {
    return entries[PAD + position] == Blocks.handle(firstHandle, index, firstWord);
  }

  void moveEntry(int from, int to) {
    entries[PAD + to] = entries[PAD + from];
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

  // --- by others
  // ----------------------------------------------------------------------------------

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
    return 216 + 16 + 8L * entries.length;
  }
}
