package io.cistern;

import io.cistern.internal.Allowance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
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
 *
 * <p>Under the lock nobody who waits for a block is served, and no listener called: that is for the
 * caller, afterwards.
 */
final class Regions {
  private static final int IDS = 256;

  /** One of them: it has all tiers of the governed pool, or some. */
  static final class One {
    private static final int NOT_HERE = -1;

    final RegionPool pool;
    final int id;
    final long bytes;
    private final MemoryPool.Builder recipe;

    /** By tier of the governed pool; of a tier that is not here, null. */
    private final @Nullable GovernedBlocks[] blocks;

    /** Whether it was added to change the count of a tier: it does not go again by itself. */
    final boolean isExtra;

    /** Which tier of the region a tier of the governed pool is. */
    private final int[] inner;

    /** When it was last seen in use, in nanoseconds of {@link System#nanoTime}. */
    long usedAt = System.nanoTime();

    /** Whether its bytes were given back to the budget. */
    private boolean hasLeft;

    One(
        RegionPool pool,
        MemoryPool.Builder recipe,
        @Nullable GovernedBlocks[] blocks,
        int[] inner,
        boolean isExtra) {
      this.pool = pool;
      this.recipe = recipe;
      this.id = pool.id();
      this.bytes = recipe.regionBytes();
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
      return blocksOfInner(pool.tierOf(handle));
    }

    /** The blocks of a tier of the region. */
    GovernedBlocks blocksOfInner(int of) {
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

    /** Its figures of a tier, from a snapshot of its pool; null when it has none, or no tiers. */
    PoolStats.@Nullable Tier of(PoolStats stats, int tier) {
      return has(tier) && !stats.tiers().isEmpty() ? stats.tiers().get(inner[tier]) : null;
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
  private final boolean isOneForEver;
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

  private volatile Books books;

  /**
   * Where the figures are of regions that are off the list.
   *
   * @param leaving off the list, perhaps, and not yet in {@code past}
   * @param past of each tier, figures of regions that were given back
   */
  private record Books(@Nullable One leaving, List<PoolTotals.Past> past) {}

  /**
   * All regions of one moment, so that each is counted once.
   *
   * @param list those there are, and the one that may be leaving
   * @param past of each tier, what was done in the others
   */
  record View(List<One> list, List<PoolTotals.Past> past) {}

  private volatile long grown;
  private volatile long trimmed;

  Regions(GovernedPool pool, Governor governor, MemoryPool.Builder builder, int tiers) {
    this.pool = pool;
    this.governor = governor;
    this.tiers = tiers;
    this.isOneForEver = !builder.enabled || (builder.leastRegions == 1 && builder.mostRegions == 1);
    this.least = builder.enabled ? builder.leastRegions : 0;
    this.most = builder.enabled ? builder.mostRegions : 0;
    this.budget = builder.budget;
    this.template = builder.copy(builder.name).spill(Spill.OFF);
    template.listeners.clear();
    template.governor = governor;
    this.bytesEach = template.regionBytes();
    this.books = new Books(null, Collections.nCopies(tiers, PoolTotals.Past.NONE));
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
      int tier = builder.isVariable() ? 0 : governor.sizes.tierFor(opened.blockSize(of));
      inner[tier] = of;
      blocks[tier] =
          new GovernedBlocks(
              pool, governor, opened, opened.blocks(of), tier, opened.mostBlocks(of));
    }
    return new One(opened, builder, blocks, inner, !same(builder, template));
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

  private void publish(One[] now) {
    governor.reserve.change(() -> replace(now));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private void replace(One[] now) {
    list = now;
    version++;
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

  /** For figures: takes no lock, and looks again while a region comes or goes. */
  @SuppressWarnings("ReferenceEquality") // each is replaced as a whole
  View view() {
    Books now;
    One[] here;
    do {
      now = books;
      here = list;
    } while (now != books || here != list);
    List<One> all = new ArrayList<>(List.of(here));
    if (now.leaving != null && !all.contains(now.leaving)) {
      all.add(now.leaving);
    }
    return new View(all, now.past);
  }

  long grown() {
    return grown;
  }

  long trimmed() {
    return trimmed;
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
    if (closing && !lock.isHeldByCurrentThread()) {
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
    return most == 0 && list.length == 0;
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
    PoolListener.RegionChange change;
    lock.lock();
    try {
      if (version != since) {
        return true;
      }
      if (!mayGrow() || !growNow()) {
        return false;
      }
      change = change(bytesEach);
    } finally {
      lock.unlock();
    }
    governor.events.grown(change, governor.figures.isSilent());
    governor.resized();
    return true;
  }

  /** What is told of a region that has just come or gone; under the lock, so that figures fit. */
  private PoolListener.RegionChange change(long bytes) {
    return new PoolListener.RegionChange(pool.name(), bytes, list.length, bytes());
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private boolean growNow() {
    One more = openPaid();
    if (more == null) {
      return false;
    }
    add(more);
    grown++;
    long now = System.nanoTime();
    for (One one : list) {
      one.usedAt = now; // they were not enough, seen in use or not
    }
    return true;
  }

  /** A region that nobody knows of yet; null when the budget or the system has none. */
  private @Nullable One openPaid() {
    if (budget != null && !budget.tryTake(bytesEach)) {
      return null;
    }
    boolean opened = false;
    try {
      One more = open(template);
      opened = true;
      return more;
    } catch (OutOfMemoryError | IllegalStateException refused) { // no memory; no number is left
      return null;
    } finally {
      if (!opened && budget != null) {
        budget.giveBack(bytesEach);
      }
    }
  }

  /** Gives regions back that nobody has used for so long, the last first, down to the fewest. */
  void trim(long idleNanos, long now) {
    int before = version;
    List<PoolListener.RegionChange> changes = new ArrayList<>();
    lock.lock();
    try {
      One[] all = list;
      for (int at = all.length - 1; at >= 0 && count() > least && !shut; at--) {
        One one = all[at];
        if (one.isUsed()) {
          one.usedAt = now;
        } else if (!one.isExtra && now - one.usedAt >= idleNanos && trim(one)) {
          changes.add(change(one.bytes));
        }
      }
    } finally {
      lock.unlock();
    }
    changes.forEach(change -> governor.events.trimmed(change, governor.figures.isSilent()));
    if (version != before) {
      governor.resized();
    }
  }

  /** Whether it was given back: not if it is needed, or is used by now. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private boolean trim(One one) {
    if (!governor.mayShrinkBy(one)) {
      return false;
    }
    books = new Books(one, books.past);
    governor.left(one, () -> replace(without(one)));
    try {
      one.pool.close();
    } catch (IllegalStateException blocksAreLive) {
      add(one);
      books = new Books(null, books.past);
      return false;
    }
    keepFigures(one, one.pool.stats());
    trimmed++;
    gone(one);
    return true;
  }

  private One[] without(One one) {
    return Arrays.stream(list).filter(other -> !other.equals(one)).toArray(One[]::new);
  }

  private void gone(One one) {
    byId.setRelease(one.id, null);
    leaveBudget(one);
  }

  private void leaveBudget(One one) {
    if (budget != null && !one.hasLeft) {
      one.hasLeft = true;
      budget.giveBack(one.bytes);
    }
  }

  /** Changes from how many to how many there may be; takes those that are missing, or none. */
  void setBounds(int newLeast, int newMost) {
    if (isOneForEver) {
      throw governor.cannotChange("regions");
    }
    Governor.checkMayComeAndGo(pool.name(), governor.confinedTo, newLeast, newMost);
    List<PoolListener.RegionChange> changes;
    lock.lock();
    try {
      pool.checkOpen();
      int now = count();
      if (now > newMost) {
        throw new IllegalStateException(
            "pool '%s' has %d regions: it cannot be limited to %d before others are idle"
                .formatted(pool.name(), now, newMost));
      }
      changes = growTo(newLeast);
      most = newMost;
      least = newLeast;
    } finally {
      lock.unlock();
    }
    changes.forEach(change -> governor.events.grown(change, governor.figures.isSilent()));
    governor.resized();
    if (comeAndGo()) {
      RegionKeeper.keep(governor);
    }
  }

  /** All that are missing are opened before anybody gets a block of one. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private List<PoolListener.RegionChange> growTo(int count) {
    int before = count();
    List<One> opened = new ArrayList<>();
    while (before + opened.size() < count) {
      One more = openPaid();
      if (more == null) {
        opened.forEach(this::discard);
        throw new IllegalStateException(
            "pool '%s' has %d regions of %d B: %d are not in the budget"
                .formatted(pool.name(), before, bytesEach, count));
      }
      opened.add(more);
    }
    List<PoolListener.RegionChange> changes = new ArrayList<>();
    for (One one : opened) {
      add(one);
      grown++;
      changes.add(change(one.bytes));
    }
    return changes;
  }

  private void discard(One one) {
    one.pool.close();
    leaveBudget(one);
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
      pool.checkOpen();
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
      governor.events.grown(change(bytes), true);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives an extra region back of which every block was withdrawn: nobody else can use it.
   *
   * @param forget these blocks, in the same step
   */
  void removeExtra(One one, Runnable forget) {
    lock.lock();
    try {
      books = new Books(one, books.past);
      governor.reserve.change(() -> {
        forget.run();
        replace(without(one));
      });
      one.pool.closeNow();
      keepFigures(one, one.pool.stats());
      gone(one);
      governor.events.trimmed(change(one.bytes), true);
    } finally {
      lock.unlock();
    }
  }

  /** Of a region that is off the list. */
  private void keepFigures(One one, PoolStats last) {
    long[] peaks = governor.figures.peaks(list);
    List<PoolTotals.Past> more = new ArrayList<>();
    for (int tier = 0; tier < tiers; tier++) {
      more.add(books.past.get(tier).and(one.of(last, tier), last.variable(), peaks[tier]));
    }
    books = new Books(null, List.copyOf(more));
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
      List<One> closed = new ArrayList<>();
      closing = true;
      try {
        for (One one : usedOnesFirst()) {
          one.pool.close(); // throws what it finds
          closed.add(one);
        }
        shut = true;
        closed.forEach(this::leaveBudget);
      } finally {
        if (!shut) {
          closed.forEach(this::replaceClosed);
        }
        closing = false;
      }
    } finally {
      lock.unlock();
    }
  }

  /** They refuse, and then none was closed. */
  private List<One> usedOnesFirst() {
    Map<Boolean, List<One>> byUse =
        Arrays.stream(list).collect(Collectors.partitioningBy(One::isUsed));
    List<One> order = new ArrayList<>(byUse.getOrDefault(true, List.of()));
    order.addAll(byUse.getOrDefault(false, List.of()));
    return order;
  }

  /**
   * A block was allocated in another region while this one was being closed: there is a new one in
   * its place. If that cannot be had, there is one region less.
   */
  private void replaceClosed(One one) {
    books = new Books(one, books.past);
    publish(without(one));
    keepFigures(one, one.pool.stats());
    byId.setRelease(one.id, null);
    try {
      add(open(one.recipe));
    } catch (OutOfMemoryError | IllegalStateException refused) {
      leaveBudget(one);
    }
  }

  /** Closes all at once; those that refuse, since I/O is under way, stay in the budget. */
  void closeNow() {
    lock.lock();
    try {
      shut = true;
      IllegalStateException first = null;
      for (One one : list) {
        try {
          one.pool.closeNow();
          one.pool.taken().whenGivenBack(() -> leaveBudget(one));
        } catch (IllegalStateException refused) {
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
}
