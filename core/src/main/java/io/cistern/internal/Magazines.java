package io.cistern.internal;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The magazines of one pool: at most four a core. Three quarters belong to platform threads and are
 * found by thread id in a table of slots; a slot whose magazine belongs to another thread is no
 * hit, so no {@code ThreadLocal} is needed. The rest is leased for the length of one operation to
 * threads without one: virtual threads, and platform threads beyond that number. A magazine whose
 * owner is dead goes to the next thread that asks, with the hints that are in it.
 *
 * <p><b>Marks</b> ({@link Magazine}) are taken away from
 *
 * <pre>
 *   every magazine          when a thread needs a block out of another's, or the pool is closed;
 *                           given back after a second, each time twice as long
 *   one, for releases       when a block that its owner allocated is freed by another thread; for good
 *   every one, for releases when a thread waits for a block: a release must then be followed by a fence; for good
 * </pre>
 *
 * Ownership and marks change under the pool's lock only; leases need none.
 */
public final class Magazines {
  private static final int SHARED = Runtime.getRuntime().availableProcessors();
  private static final int OWNED = 3 * SHARED;
  static final int SLOTS = Math.max(64, 4 * Integer.highestOneBit(OWNED));
  private static final long NOT_YET = -1;

  /** The last one means something else, {@link Blocks#pinned}. */
  private static final int LARGEST_MARK = (int) (Blocks.MARK >>> Blocks.MARK_SHIFT) - 1;

  /** The pool's lock. */
  final ReentrantLock lock = new ReentrantLock();

  private final Blocks blocks;
  private final int limit;
  private final Magazine[] slots;
  private final int firstSlot;
  private final Magazine[] shared = new Magazine[SHARED];

  /** Counts for operations that had no magazine; written under the pool's lock. */
  final Magazine direct = new Magazine(null, 0, NOT_YET, Magazine.NEVER);

  /** False where there is no {@link Barrier}, and once the pool is closed. */
  private volatile boolean marks = Barrier.isSupported();

  /** Whether nobody releases by plain stores any more. */
  private volatile boolean sharesReleases;

  /** How long marks that were taken away stay away. */
  private final Backoff backoff = new Backoff(1000);

  /**
   * All, the shared ones first, each at the place of its mark; replaced as a whole when one is
   * added.
   */
  private volatile Magazine[] all;

  Magazines(Blocks blocks, int limit, Magazine[] slots, int tier) {
    this.blocks = blocks;
    this.limit = limit;
    this.slots = slots;
    this.firstSlot = tier * SLOTS;
    Arrays.setAll(shared, i -> new Magazine(blocks, limit, Magazine.UNOWNED, Magazine.NEVER));
    this.all = shared;
  }

  /**
   * A table of the magazines of a pool's tiers.
   *
   * @param tiers how many of them may have magazines, from the first
   * @return a table in which nobody has one yet
   */
  public static Magazine[] table(int tiers) {
    Magazine[] slots = new Magazine[tiers * SLOTS];
    Arrays.fill(slots, Magazine.NOBODY);
    return slots;
  }

  /**
   * The only magazine that may be a thread's own.
   *
   * @param slots of the pool
   * @param tier any
   * @param thread its id
   * @return a magazine, perhaps another thread's or nobody's
   */
  public static Magazine find(Magazine[] slots, int tier, long thread) {
    int slot = slot(tier, thread);
    return Integer.compareUnsigned(slot, slots.length) < 0 ? slots[slot] : Magazine.NOBODY;
  }

  static int slot(int tier, long thread) {
    return tier * SLOTS + ((int) thread & (SLOTS - 1));
  }

  Magazine[] all() {
    return all;
  }

  /** The only magazine that may be the thread's own. */
  Magazine candidate(long thread) {
    return slots[firstSlot + ((int) thread & (SLOTS - 1))];
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

  /** As {@link #ownOrLease}, but gives the thread one of its own if it may have one now. */
  @Nullable Magazine ownAdoptedOrLeased(Thread self) {
    long id = self.threadId();
    Magazine own = candidate(id);
    if (own.owner == id) {
      return own;
    }
    Magazine adopted = self.isVirtual() ? null : adopt(self);
    return adopted != null ? adopted : lease(id);
  }

  /** One of those that are leased, unless all are; to be given back by {@link #endLease}. */
  @Nullable Magazine lease(long id) {
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

  /** A magazine of its own for a platform thread, if its slot and a magazine can be had. */
  private @Nullable Magazine adopt(Thread self) {
    lock.lock();
    try {
      int slot = slot(0, self.threadId()) + firstSlot;
      Magazine present = slots[slot];
      if (present != Magazine.NOBODY && !present.isOwnerDead()) {
        return null;
      }
      Magazine magazine = present != Magazine.NOBODY ? present : vacant();
      if (magazine != null) {
        slots[slot] = magazine;
        magazine.adopt(self);
      }
      return magazine;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: a new magazine while there may be more, else that of a dead thread. */
  private @Nullable Magazine vacant() {
    Magazine[] present = all;
    if (present.length < SHARED + OWNED) {
      Magazine[] more = Arrays.copyOf(present, present.length + 1);
      more[present.length] = new Magazine(blocks, limit, NOT_YET, mark(present.length));
      all = more;
      return more[present.length];
    }
    for (int slot = firstSlot; slot < firstSlot + SLOTS; slot++) {
      Magazine magazine = slots[slot];
      if (magazine != Magazine.NOBODY && magazine.isOwnerDead()) {
        slots[slot] = Magazine.NOBODY;
        return magazine;
      }
    }
    return null;
  }

  private static long mark(int number) {
    return number <= LARGEST_MARK ? (long) number << Blocks.MARK_SHIFT : Magazine.NEVER;
  }

  // --- marks ---

  /** Whether a magazine lacks a mark that it may have. */
  boolean mayArm(Magazine magazine, int tick) {
    return !magazine.isArmed() && marks && magazine.mark != Magazine.NEVER && backoff.isOver(tick);
  }

  /** Under the lock, by the owner: gives the mark (back), if it may. */
  void arm(Magazine magazine, int tick) {
    if (mayArm(magazine, tick)) {
      backoff.end();
      magazine.arm(!sharesReleases);
    }
  }

  /** The magazine with a mark; of one that was made up, any. */
  private Magazine of(long mark) {
    int number = (int) (mark >>> Blocks.MARK_SHIFT);
    return number < all.length ? all[number] : direct;
  }

  /** Lets the calling thread release a word by compare-and-set, whatever mark it has. */
  void openFor(long word, @Nullable Magazine own) {
    long mark = word & Blocks.MARK;
    if (mark != 0 && (own == null || own.mark != mark) && !of(mark).sharesReleases) {
      lock.lock();
      try {
        shareReleases(of(mark));
      } finally {
        lock.unlock();
      }
    }
  }

  private static void shareReleases(Magazine... magazines) {
    boolean armed = false;
    for (Magazine magazine : magazines) {
      armed |= magazine.disarmReleases();
    }
    awaitOwners(armed, magazines);
    for (Magazine magazine : magazines) {
      magazine.sharesReleases = true;
    }
  }

  /** Lets everybody release every word, and so follows each release by a fence; for good. */
  void shareReleases() {
    if (!sharesReleases) {
      lock.lock();
      try {
        shareReleases(all);
        sharesReleases = true;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Under the lock: takes all marks away. Free words that have one are still to be unmarked. */
  void revoke(int tick) {
    boolean armed = false;
    for (Magazine magazine : all) {
      armed |= magazine.disarm();
    }
    awaitOwners(armed, all);
    if (armed) {
      backoff.begin(tick);
    }
  }

  /** Under the lock: takes all marks away for good. */
  void revokeForEver() {
    marks = false;
    revoke(CoarseClock.ticks());
    shareReleases();
  }

  private static void awaitOwners(boolean armed, Magazine... magazines) {
    if (armed) {
      Barrier.run();
      for (Magazine magazine : magazines) {
        magazine.awaitNotBusy();
      }
    }
  }

  // --- figures ---

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
    long bytes = direct.bytes() + 16 + 4L * SHARED;
    for (Magazine magazine : all) {
      bytes += magazine.bytes();
    }
    return bytes;
  }

  /** Whether an entry of the magazine with that mark names the block. */
  boolean names(long mark, int index) {
    Magazine magazine = of(mark);
    boolean found = false;
    for (int position = magazine.topAcquire() - 1; position >= 0; position--) {
      found |= magazine.entry(position) == index;
    }
    return found;
  }

  /** Notes every block that an entry names. */
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
