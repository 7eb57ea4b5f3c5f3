package io.cistern;

import io.cistern.internal.Allowance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The regions of a governed pool: from the fewest to the most that it may have, each a pool of its
 * own over one region. Blocks are taken from the first that has one, so that the last become idle
 * and can be given back.
 *
 * <pre>
 * claim ──► the first region with a free block of that tier
 * grow  ──► lock ──► budget ──► a new region, at the end of the list ──► unlock
 * trim  ──► lock ──► off the list ──► closed, unless blocks are live: then on the list again ──► unlock
 * </pre>
 *
 * The list is replaced as a whole, and its version counts that: whoever found nothing looks again
 * when it has changed. A handle finds its region by the pool number that it carries, also one that
 * is off the list.
 */
final class Regions {
  private static final int IDS = 256;

  /** One of them: it has all tiers of the governed pool, or some. */
  static final class One {
    private static final int NOT_HERE = -1;

    final RegionPool pool;
    final int id;
    final long bytes;

    /** By tier of the governed pool; of a tier that is not here, null. */
    private final @Nullable GovernedBlocks[] blocks;

    /** Whether it was added to change the count of a tier: it does not go again by itself. */
    final boolean isExtra;

    /** Which tier of the region a tier of the governed pool is. */
    private final int[] inner;

    /** When it was last seen in use, in nanoseconds of {@link System#nanoTime}. */
    long usedAt = System.nanoTime();

    One(RegionPool pool, @Nullable GovernedBlocks[] blocks, int[] inner, boolean isExtra) {
      this.pool = pool;
      this.id = pool.id();
      this.bytes = pool.region().byteSize();
      this.blocks = blocks;
      this.inner = inner;
      this.isExtra = isExtra;
    }

    boolean has(int tier) {
      return inner[tier] != NOT_HERE;
    }

    GovernedBlocks blocks(int tier) {
      return Objects.requireNonNull(blocks[tier]);
    }

    GovernedBlocks blocksOf(long handle) {
      int of = pool.tierOf(handle);
      int tier = of;
      while (inner[tier] != of) {
        tier++;
      }
      return blocks(tier);
    }

    long claim(int tier, long size, long alignment) {
      return has(tier) ? pool.claimFrom(inner[tier], size, alignment) : MemoryPool.NO_HANDLE;
    }

    int used(int tier) {
      return has(tier) ? pool.used(inner[tier]) : 0;
    }

    long usedBytes(int tier) {
      return has(tier) ? pool.usedBytes(inner[tier]) : 0;
    }

    int total(int tier) {
      return has(tier) ? pool.mostBlocks(inner[tier]) : 0;
    }

    /** Its figures of a tier, from a snapshot of its pool; null when it has none. */
    PoolStats.@Nullable Tier of(PoolStats stats, int tier) {
      return has(tier) ? stats.tiers().get(inner[tier]) : null;
    }

    /** Blocks freed so far in tiers of a range, and perhaps in others. */
    long releases(int firstTier, int lastTier) {
      long releases = 0;
      for (int tier = firstTier; tier <= lastTier; tier++) {
        releases += has(tier) ? pool.releases(inner[tier], inner[tier]) : 0;
      }
      return releases;
    }

    boolean isUsed() {
      for (int tier = 0; tier < inner.length; tier++) {
        if (used(tier) > 0) {
          return true;
        }
      }
      return false;
    }

    long metadataBytes() {
      long metadata = 0;
      for (int tier = 0; tier < inner.length; tier++) {
        metadata += has(tier) ? blocks(tier).tags.bytes() : 0;
      }
      return metadata;
    }
  }

  private final GovernedPool pool;
  private final Governor governor;
  private final MemoryPool.Builder template;
  private final int tiers;
  private volatile int least;
  private volatile int most;
  private final long bytesEach;
  private final @Nullable Allowance budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReferenceArray<@Nullable One> byId = new AtomicReferenceArray<>(IDS);
  private volatile One[] list = new One[0];
  private volatile int version;
  private volatile boolean shut;

  /** A close is under way, which may fail. */
  private volatile boolean closing;

  /** Figures of regions that were given back. */
  private volatile List<PoolTotals.Past> past;

  private volatile long grown;
  private volatile long trimmed;

  Regions(GovernedPool pool, Governor governor, MemoryPool.Builder builder, int tiers) {
    this.pool = pool;
    this.governor = governor;
    this.tiers = tiers;
    this.least = builder.enabled ? builder.leastRegions : 0;
    this.most = builder.enabled ? builder.mostRegions : 0;
    this.budget = builder.budget;
    this.template = builder.copy(builder.name).spill(Spill.OFF);
    template.listeners.clear();
    template.governor = governor;
    this.bytesEach = template.regionBytes();
    this.past = Collections.nCopies(tiers, PoolTotals.Past.NONE);
  }

  /** The regions that the pool always has; the caller has taken their bytes from the budget. */
  void open() {
    boolean opened = false;
    try {
      for (int i = 0; i < least; i++) {
        add(open(template));
      }
      opened = true;
    } finally {
      if (!opened) {
        Arrays.stream(list).forEach(one -> one.pool.close());
      }
    }
  }

  /** A region with all tiers, or with those of a builder. */
  private One open(MemoryPool.Builder builder) {
    RegionPool opened = builder.isVariable() ? new VariablePool(builder) : new TieredPool(builder);
    @Nullable GovernedBlocks[] blocks = new GovernedBlocks[tiers];
    int[] inner = new int[tiers];
    Arrays.fill(inner, One.NOT_HERE);
    for (int of = 0; of < opened.tierCount(); of++) {
      int tier = builder.isVariable() ? 0 : governor.tierFor(opened.blockSize(of));
      inner[tier] = of;
      blocks[tier] =
          new GovernedBlocks(pool, governor, opened.blocks(of), tier, opened.mostBlocks(of));
    }
    return new One(opened, blocks, inner, !same(builder, template));
  }

  @SuppressWarnings("ReferenceEquality") // there is one template
  private static boolean same(MemoryPool.Builder builder, MemoryPool.Builder template) {
    return builder == template;
  }

  private void add(One one) {
    byId.setRelease(one.id, one);
    One[] more = Arrays.copyOf(list, list.length + 1);
    more[list.length] = one;
    publish(more);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void publish(One[] now) {
    list = now;
    version++;
    governor.resized();
  }

  /** Changes with the list. */
  int version() {
    return version;
  }

  /** How many there are, without the extra ones. */
  int count() {
    int count = 0;
    for (One one : list) {
      count += one.isExtra ? 0 : 1;
    }
    return count;
  }

  long bytes() {
    long bytes = 0;
    for (One one : list) {
      bytes += one.bytes;
    }
    return bytes;
  }

  One[] list() {
    return list;
  }

  PoolTotals.Past past(int tier) {
    return past.get(tier);
  }

  long grown() {
    return grown;
  }

  long trimmed() {
    return trimmed;
  }

  long bytesEach() {
    return bytesEach;
  }

  /** The region whose pool number a handle carries, or null. */
  @Nullable One of(long handle) {
    return byId.getAcquire(HandleFormat.pool(handle));
  }

  /** A handle of the first region that has a free block of the tier, or NO_HANDLE. */
  long claim(int tier, long size, long alignment) {
    for (One one : list) {
      long handle = one.claim(tier, size, alignment);
      if (handle != MemoryPool.NO_HANDLE) {
        return handle;
      }
    }
    return MemoryPool.NO_HANDLE;
  }

  /** A handle of the last region that has a free block of the tier, or NO_HANDLE. */
  long claimLast(int tier, long size) {
    One[] all = list;
    for (int at = all.length - 1; at >= 0; at--) {
      long handle = all[at].claim(tier, size, 1);
      if (handle != MemoryPool.NO_HANDLE) {
        return handle;
      }
    }
    return MemoryPool.NO_HANDLE;
  }

  long releases(int firstTier, int lastTier) {
    long releases = 0;
    for (One one : list) {
      releases += one.releases(firstTier, lastTier);
    }
    return releases;
  }

  /**
   * Whether the list has changed since a version, or was being closed: waits for the outcome of
   * that.
   */
  @SuppressWarnings("LockNotBeforeTry") // only waits for whoever holds it
  boolean hasChangedSince(int since) {
    if (closing) {
      lock.lock();
      lock.unlock();
      return !shut;
    }
    return version != since;
  }

  /** Whether the pool always has the same one region. */
  boolean isFixed() {
    return least == 1 && most == 1 && list.length == 1;
  }

  boolean comeAndGo() {
    return most > least;
  }

  /** Whether the pool is not to have any region. */
  boolean isEverNone() {
    return most == 0;
  }

  boolean mayGrow() {
    return count() < most && !shut;
  }

  /**
   * One region more, unless the list has changed since a version: then somebody else was faster.
   *
   * @return whether there is reason to look for a block again
   */
  boolean grow(int since) {
    lock.lock();
    try {
      return version != since || (mayGrow() && growNow());
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private boolean growNow() {
    if (budget != null && !budget.tryTake(bytesEach)) {
      return false;
    }
    boolean opened = false;
    try {
      add(open(template));
      grown++;
      opened = true;
      return true;
    } catch (OutOfMemoryError refused) {
      return false;
    } finally {
      if (!opened && budget != null) {
        budget.giveBack(bytesEach);
      }
    }
  }

  /** Gives regions back that nobody has used for so long, the last first, down to the fewest. */
  void trim(long idleNanos, long now) {
    lock.lock();
    try {
      One[] all = list;
      for (int at = all.length - 1; at >= 0 && count() > least && !shut; at--) {
        One one = all[at];
        if (one.isUsed()) {
          one.usedAt = now;
        } else if (!one.isExtra && now - one.usedAt >= idleNanos) {
          trim(one);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private boolean trim(One one) {
    if (!governor.mayShrinkBy(one)) {
      return false;
    }
    remove(one);
    try {
      one.pool.close();
    } catch (IllegalStateException blocksAreLive) {
      add(one);
      return false;
    }
    keepFigures(one, one.pool.stats());
    trimmed++;
    gone(one);
    return true;
  }

  private void remove(One one) {
    publish(Arrays.stream(list).filter(other -> !other.equals(one)).toArray(One[]::new));
  }

  private void gone(One one) {
    byId.setRelease(one.id, null);
    if (budget != null) {
      budget.giveBack(one.bytes);
    }
  }

  /** Changes from how many to how many there may be; takes those that are missing. */
  void setBounds(int newLeast, int newMost) {
    lock.lock();
    try {
      if (count() > newMost) {
        throw new IllegalStateException(
            "pool '%s' has %d regions: it cannot be limited to %d before others are idle"
                .formatted(pool.name(), count(), newMost));
      }
      int before = most;
      most = newMost;
      while (count() < newLeast) {
        if (!growNow()) {
          most = before;
          throw new IllegalStateException(
              "pool '%s' has %d regions of %d B: %d are not in the budget"
                  .formatted(pool.name(), count(), bytesEach, newLeast));
        }
      }
      least = newLeast;
    } finally {
      lock.unlock();
    }
    if (comeAndGo()) {
      RegionKeeper.keep(governor);
    }
  }

  // --- counts of tiers ------------------------------------------------------------------------

  /** A region more that has blocks of one tier alone. */
  void addExtra(TierLayout.Slab slab, int count) {
    MemoryPool.Builder builder = template.copy(template.name);
    builder.tiers.clear();
    builder.tier(slab.blockSize(), count, slab.label());
    builder.governor = governor;
    long bytes = builder.regionBytes();
    lock.lock();
    try {
      if (budget != null && !budget.tryTake(bytes)) {
        throw new IllegalStateException(
            "%d blocks of %d B more for pool '%s' need %d B, but %d of the budget of %d B are taken"
                .formatted(
                    count, slab.blockSize(), pool.name(), bytes, budget.taken(), budget.limit()));
      }
      boolean opened = false;
      try {
        add(open(builder));
        opened = true;
      } finally {
        if (!opened && budget != null) {
          budget.giveBack(bytes);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives an extra region back of which every block was withdrawn: nobody else can use it. */
  void removeExtra(One one) {
    lock.lock();
    try {
      remove(one);
      one.pool.closeNow();
      keepFigures(one, one.pool.stats());
      gone(one);
    } finally {
      lock.unlock();
    }
  }

  private void keepFigures(One one, PoolStats last) {
    long[] peaks = governor.peaks();
    List<PoolTotals.Past> more = new ArrayList<>();
    for (int tier = 0; tier < tiers; tier++) {
      more.add(past(tier).and(one.of(last, tier), last.variable(), peaks[tier]));
    }
    past = List.copyOf(more);
  }

  // --- close ----------------------------------------------------------------------------------

  boolean isShut() {
    return shut;
  }

  /** Closes all regions; throws, and has closed none or only idle ones, when blocks are live. */
  void close() {
    lock.lock();
    try {
      if (shut) {
        return;
      }
      for (One one : list) {
        if (one.isUsed()) {
          one.pool.close(); // throws what it finds
        }
      }
      int closed = 0;
      closing = true;
      try {
        for (One one : list) {
          one.pool.close();
          closed++;
        }
      } finally {
        if (closed < list.length) {
          replaceClosed(closed);
        }
        shut = closed == list.length;
        closing = false;
      }
    } finally {
      lock.unlock();
    }
  }

  /** A block was allocated while the regions before its own were being closed: opens them again. */
  private void replaceClosed(int closed) {
    One[] now = list.clone();
    for (int at = 0; at < closed; at++) {
      byId.setRelease(now[at].id, null);
      now[at] = open(template);
      byId.setRelease(now[at].id, now[at]);
    }
    publish(now);
  }

  void closeNow() {
    lock.lock();
    try {
      shut = true;
      RuntimeException first = null;
      for (One one : list) {
        try {
          one.pool.closeNow();
        } catch (IllegalStateException | WrongThreadException refused) {
          first = first == null ? refused : first;
        }
      }
      if (first != null) {
        throw first;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what the pool took from the budget, once it is closed. */
  void leaveBudget() {
    if (budget != null) {
      budget.giveBack(bytes());
    }
  }
}
