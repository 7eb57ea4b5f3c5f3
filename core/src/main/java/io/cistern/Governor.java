package io.cistern;

import io.cistern.internal.Allowance;
import io.cistern.internal.BiasedLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who may take how much from a {@link GovernedPool}, and what happens when it runs short.
 *
 * <pre>
 * claim ──► those who wait, if any ──► pass ──► tier by tier: quota, reserve ──► a region's block ──► its owner noted
 *                                       └─► a region more ──► pass again
 *                                       └─► fallback memory
 * freed ──► quota, reserve, label ──► those who wait, here and in pools of the same quotas
 * </pre>
 *
 * <p><b>Exact.</b> What an allocation costs is charged before its block is claimed, and given back
 * after it is free, so no limit is overstepped at any moment. A request that was charged and finds
 * no block gives it back; another of the same quota that comes in between may be refused: both only
 * where the pool is exhausted.
 *
 * <p>A request is refused only if, at some moment during the call, no block that it may take was
 * free: each region says that of itself; several regions and tiers are searched again until nothing
 * was freed from the first to the last, and no region came or went.
 */
final class Governor {
  /** The tier of what comes from outside of the pool. */
  static final int FALLBACK = -1;

  /** No handle, since a quota refuses. */
  static final long REFUSED = 1;

  /**
   * No handle, since a quota refuses larger blocks than the fitting ones, of which none is free.
   */
  private static final long SPILL_REFUSED = 2;

  private static final int SHORT_SHARE = 4;
  private static final long NONE = MemoryPool.NO_HANDLE;

  final PoolEvents events;
  final Regions regions;
  final @Nullable FallbackBlocks fallback;
  final GovernedWaiters waiters;
  final Owner nobody;
  final List<TierLayout.Slab> slabs;
  final int tiers;

  private final GovernedPool pool;
  private final @Nullable VariableLayout variable;
  private final byte[] table;
  private final int granuleShift;
  private final long maxBlock;
  private final Spill spill;
  final long alignment;
  final boolean labels;
  private final boolean resizable;
  private final @Nullable Quota quotas;
  final @Nullable Thread confinedTo;
  private final long idleNanos;

  final Reserve reserve;

  private final LongAdder[] failed;
  private final LongAdder[] spilledIn;
  private final LongAdder[] spilledOut;
  private final Pressure[] pressures;

  private final ReentrantLock ownersLock = new ReentrantLock();
  private final Map<String, Owner.Label> byName = new ConcurrentHashMap<>();
  private volatile Owner[] owners;

  /** Held while the size of a block of variable size is looked at and changed. */
  private final @Nullable BiasedLock sizes;

  /** Blocks that no longer count, since their tier was made smaller. */
  private final Withdrawn withdrawn;

  Governor(GovernedPool pool, MemoryPool.Builder builder) {
    checkMayComeAndGo(builder.name, builder.owner, builder.leastRegions, builder.mostRegions);
    this.pool = pool;
    this.events = pool.events;
    this.variable = builder.isVariable() ? VariableLayout.of(builder) : null;
    TierLayout layout = variable == null ? TierLayout.of(builder) : null;
    this.slabs = layout == null ? List.of() : layout.tiers();
    this.tiers = layout == null ? 1 : slabs.size();
    this.table = layout == null ? new byte[0] : layout.table();
    this.granuleShift = layout == null ? 0 : layout.granuleShift();
    this.maxBlock = layout == null ? requireVariable().maxSize() : layout.maxSize();
    this.spill = builder.spill;
    this.alignment = builder.alignment;
    this.labels = builder.labels;
    this.resizable = builder.resizable;
    this.quotas = builder.quotas;
    this.confinedTo = builder.owner;
    this.idleNanos = PoolBase.nanos(builder.idle);
    this.sizes = variable == null ? null : new BiasedLock(builder.owner);
    this.failed = adders(tiers);
    this.spilledIn = adders(tiers);
    this.spilledOut = adders(tiers);
    this.pressures = new Pressure[tiers];
    Arrays.setAll(pressures, tier -> new Pressure(builder.lowPercent, builder.criticalPercent));
    this.reserve = new Reserve(builder.reserveBytes, blockBytes(slabs), this::capacity);
    this.nobody = new Owner(0, quotas, labels ? label("") : null);
    this.owners = new Owner[] {nobody};
    this.waiters = new GovernedWaiters(pool, this, variable != null);
    Allowance outside = builder.fallback();
    this.fallback = outside == null ? null : new FallbackBlocks(pool, this, outside);
    this.withdrawn = new Withdrawn(pool, this, tiers);
    this.regions = new Regions(pool, this, builder, tiers);
  }

  private VariableLayout requireVariable() {
    if (variable == null) {
      throw new AssertionError("a pool of tiers");
    }
    return variable;
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    Arrays.setAll(adders, i -> new LongAdder());
    return adders;
  }

  /** Of each tier; bytes are had one by one in a pool of variable size. */
  private static long[] blockBytes(List<TierLayout.Slab> slabs) {
    return slabs.isEmpty()
        ? new long[] {1}
        : slabs.stream().mapToLong(TierLayout.Slab::blockSize).toArray();
  }

  /** Regions are trimmed by a thread that would have no right to. */
  static void checkMayComeAndGo(String pool, @Nullable Thread confinedTo, int least, int most) {
    if (confinedTo != null && most > least) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to a thread: from %d to %d regions cannot come and go"
              .formatted(pool, least, most));
    }
  }

  /** Takes the regions that the pool always has. */
  void open() {
    boolean opened = false;
    try {
      regions.open();
      opened = true;
    } finally {
      if (!opened && fallback != null) {
        fallback.shut();
      }
    }
    if (regions.comeAndGo()) {
      RegionKeeper.keep(this);
    }
  }

  // --- sizes ----------------------------------------------------------------------------------

  boolean isVariable() {
    return variable != null;
  }

  boolean isConfined() {
    return confinedTo != null;
  }

  /** Throws where only one thread may use the pool, and the calling one is another. */
  void checkThread() {
    if (confinedTo != null && !confinedTo.equals(Thread.currentThread())) {
      throw new WrongThreadException(
          "the pool is confined to thread '%s', not '%s'"
              .formatted(confinedTo.getName(), Thread.currentThread().getName()));
    }
  }

  private void checkMayClose() {
    if (confinedTo != null && confinedTo.isAlive()) {
      checkThread();
    }
  }

  long maxSize() {
    return Math.max(regions.isEverNone() ? 0 : maxBlock, fallback == null ? 0 : fallback.maxSize());
  }

  /** The smallest tier that fits; {@link #FALLBACK} for what no block can hold. */
  int tierFor(long size) {
    if (size > maxBlock) {
      return FALLBACK;
    }
    if (variable != null) {
      return 0;
    }
    int entry = ((int) size - 1) >>> granuleShift;
    int tier = table[Math.min(entry, table.length - 1)];
    while (size > slabs.get(tier).blockSize()) {
      tier++;
    }
    return tier;
  }

  int lastTier(int fitting) {
    return variable != null ? 0 : TierSearch.lastTier(spill, fitting, tiers);
  }

  private long granted(int tier, long size) {
    return variable != null ? variable.granted(size) : slabs.get(tier).blockSize();
  }

  // --- owners ---------------------------------------------------------------------------------

  /** The owner of that quota and label, always the same. */
  Owner owner(@Nullable Quota quota, Owner.@Nullable Label label) {
    ownersLock.lock();
    try {
      for (Owner owner : owners) {
        if (same(owner.quota(), quota) && same(owner.label(), label)) {
          return owner;
        }
      }
      if (owners.length == BlockTags.MOST_OWNERS) {
        throw new IllegalStateException(
            "pool '%s' knows %d owners (labels and quotas) already"
                .formatted(pool.name(), BlockTags.MOST_OWNERS));
      }
      Owner[] more = Arrays.copyOf(owners, owners.length + 1);
      more[owners.length] = new Owner(owners.length, quota, label);
      owners = more;
      return more[more.length - 1];
    } finally {
      ownersLock.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // quotas and labels are themselves alone
  private static boolean same(@Nullable Object one, @Nullable Object other) {
    return one == other;
  }

  Owner.Label label(String name) {
    return byName.computeIfAbsent(name, Owner.Label::new);
  }

  List<PoolStats.Label> labelStats() {
    return byName.values().stream()
        .map(Owner.Label::stats)
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .toList();
  }

  @Nullable Quota quotas() {
    return quotas;
  }

  // --- allocate -------------------------------------------------------------------------------

  /** A handle, NO_HANDLE, or {@link #REFUSED}; those who wait come first. */
  long claim(long size, long alignment, Owner owner) {
    return waiters.length() == 0
        ? claimNow(size, alignment, owner)
        : waiters.claimBehind(size, alignment, owner);
  }

  long claimNow(long size, long alignment, Owner owner) {
    int fitting = tierFor(size);
    long claimed = NONE;
    if (fitting != FALLBACK && !regions.isEverNone()) {
      claimed = fromRegions(size, alignment, owner, fitting, lastTier(fitting));
    }
    if (fallback != null && isNone(claimed)) {
      long outside = fromFallback(size, alignment, owner);
      claimed = outside == NONE ? claimed : outside;
    }
    return claimed == SPILL_REFUSED ? REFUSED : claimed;
  }

  /** Whether no block was free that the owner may take. */
  private static boolean isNone(long claimed) {
    return claimed == NONE || claimed == SPILL_REFUSED;
  }

  private long fromRegions(long size, long alignment, Owner owner, int fitting, int last) {
    while (true) {
      int version = regions.version();
      int changes = withdrawn.changes();
      long claimed = pass(size, alignment, owner, fitting, last);
      if (isNone(claimed) && (last != fitting || regions.count() > 1)) {
        claimed = passAtOnce(size, alignment, owner, fitting, last);
      }
      if (!isNone(claimed) || !isWorthAnotherTry(version, changes)) {
        return claimed;
      }
    }
  }

  private boolean isWorthAnotherTry(int version, int changes) {
    return regions.hasChangedSince(version)
        || withdrawn.hasChangedSince(changes)
        || (regions.mayGrow() && regions.grow(version));
  }

  private long passAtOnce(long size, long alignment, Owner owner, int fitting, int last) {
    long claimed;
    long released;
    do {
      released = regions.releases(fitting, last);
      claimed = pass(size, alignment, owner, fitting, last);
    } while (isNone(claimed) && released != regions.releases(fitting, last));
    return claimed;
  }

  private long pass(long size, long alignment, Owner owner, int fitting, int last) {
    for (int tier = fitting; tier <= last; tier++) {
      long bytes = granted(tier, size);
      if (!charge(owner, bytes)) {
        return tier == fitting ? REFUSED : SPILL_REFUSED;
      }
      long handle = claimCharged(tier, size, bytes, alignment, owner);
      if (handle != NONE) {
        if (!noteOwner(handle, tier, owner)) {
          giveBack(owner, tier, bytes);
          return NONE;
        }
        owner.allocated(bytes);
        countSpill(fitting, tier);
        observeVariable();
        return handle;
      }
    }
    return NONE;
  }

  private long claimCharged(int tier, long size, long bytes, long alignment, Owner owner) {
    long handle = NONE;
    boolean reserved = false;
    try {
      reserved = reserve.tryTake(owner, tier, bytes);
      handle = reserved ? regions.claim(tier, size, alignment) : NONE;
    } finally {
      if (handle == NONE) {
        giveBack(owner, reserved ? tier : FALLBACK, bytes);
      }
    }
    return handle;
  }

  /** False when the pool was closed under the new owner, who is not yet known by then. */
  private boolean noteOwner(long handle, int tier, Owner owner) {
    Regions.One region = Objects.requireNonNull(regions.of(handle));
    return region
        .blocks(tier)
        .tags
        .set(region.pool.block(handle), HandleFormat.generation(handle), owner.number());
  }

  private void countSpill(int fitting, int tier) {
    if (tier != fitting) {
      spilledOut[fitting].increment();
      spilledIn[tier].increment();
    }
  }

  private long fromFallback(long size, long alignment, Owner owner) {
    FallbackBlocks outside = fallback;
    if (outside == null || size > outside.maxSize()) {
      return NONE;
    }
    checkThread();
    if (!charge(owner, size)) {
      return REFUSED;
    }
    long handle = NONE;
    try {
      handle = outside.take(size, alignment, owner.number());
    } finally {
      if (handle == NONE) {
        giveBack(owner, FALLBACK, size);
      }
    }
    if (handle != NONE) {
      owner.allocated(size);
    }
    return handle;
  }

  private static boolean charge(Owner owner, long bytes) {
    Quota quota = owner.quota();
    return quota == null || quota.charge(bytes) == null;
  }

  private void giveBack(Owner owner, int tier, long bytes) {
    if (tier != FALLBACK) {
      reserve.giveBack(owner, tier, bytes);
    }
    Quota quota = owner.quota();
    if (quota != null) {
      quota.uncharge(bytes);
    }
  }

  /** Counts a failure; the exception to throw for it, which may name a quota. */
  PoolExhaustedException exhausted(long code, long size, Owner owner, String waited) {
    owner.failed();
    PoolListener.Exhaustion figures = events.exhausted(size, failedAdder(size));
    Quota quota = owner.quota();
    if (code != REFUSED || quota == null) {
      return new PoolExhaustedException(figures, waited);
    }
    long charged = refusedCharge(quota, size);
    return new QuotaExceededException(quota.refusing(charged).figures(), charged, figures, waited);
  }

  /** Bytes of the smallest block that fits and that the quota refuses now; else of the smallest. */
  private long refusedCharge(Quota quota, long size) {
    int fitting = tierFor(size);
    if (fitting == FALLBACK) {
      return size;
    }
    for (int tier = fitting; tier <= lastTier(fitting); tier++) {
      if (quota.refuses(granted(tier, size))) {
        return granted(tier, size);
      }
    }
    return granted(fitting, size);
  }

  /** Counts a failure that throws nothing. */
  void countExhausted(long size, Owner owner) {
    owner.failed();
    events.countExhausted(size, failedAdder(size));
  }

  private LongAdder failedAdder(long size) {
    int fitting = tierFor(size);
    return failed[fitting == FALLBACK ? tiers - 1 : fitting];
  }

  // --- free -----------------------------------------------------------------------------------

  /** An allocation of that owner is free: to be called once for each, by whoever freed it. */
  void freed(int number, int tier, long bytes) {
    credit(number, tier, bytes);
    observeVariable();
    waiters.afterFree(owners[number].quota() != null);
  }

  /** As {@link #freed}, under locks: those who wait are to be served by the caller, afterwards. */
  void credit(int number, int tier, long bytes) {
    Owner owner = owners[number];
    if (tier != FALLBACK) {
      reserve.giveBack(owner, tier, bytes);
    }
    owner.freed(bytes);
  }

  boolean beginFree() {
    return sizes != null && sizes.lock();
  }

  void endFree(boolean plain) {
    if (sizes != null) {
      sizes.unlock(plain);
    }
  }

  /**
   * In place, and charged: down always, up if the quota and what ordinary owners may take allow.
   */
  boolean tryResize(RegionBlocks blocks, BlockTags tags, int index, long word, long size) {
    checkSize(size);
    if (variable == null) {
      return size <= maxBlock && blocks.tryResize(index, word, size);
    }
    if (size > maxBlock) {
      return false;
    }
    long freed;
    Owner owner;
    boolean plain = beginFree();
    try {
      owner = owners[tags.owner(index)];
      long before = blocks.liveSize(index, word) < 0 ? 0 : blocks.granted(index);
      long more = before == 0 ? 0 : variable.granted(size) - before;
      if (more > 0 && !tryCharge(owner, more)) {
        return false;
      }
      boolean resized = false;
      try {
        resized = blocks.tryResize(index, word, size);
      } finally {
        if (more > 0 && !resized) {
          giveBack(owner, 0, more);
        }
      }
      if (!resized) {
        return false;
      }
      owner.resized(more);
      freed = Math.max(0, -more);
    } finally {
      endFree(plain);
    }
    if (freed > 0) {
      giveBack(owner, 0, freed);
      waiters.afterFree(owner.quota() != null);
    }
    observeVariable();
    return true;
  }

  private boolean tryCharge(Owner owner, long bytes) {
    if (!charge(owner, bytes)) {
      return false;
    }
    if (!reserve.tryTake(owner, 0, bytes)) {
      giveBack(owner, FALLBACK, bytes);
      return false;
    }
    return true;
  }

  void checkSize(long size) {
    if (size < 1 || size > maxSize()) {
      throw pool.refusedSize(size);
    }
  }

  // --- close ----------------------------------------------------------------------------------

  void close() {
    checkMayClose();
    if (regions.isShut()) {
      return;
    }
    Runnable close = () -> withdrawn.whileAllAreBack(regions::close);
    try {
      if (fallback == null) {
        close.run();
      } else {
        fallback.shutIfIdle(close);
      }
    } catch (IllegalStateException stillOpen) {
      waiters.afterFree(false);
      throw stillOpen;
    }
    ended();
  }

  void closeNow() {
    checkMayClose();
    try {
      regions.closeNow();
    } finally {
      try {
        if (fallback != null) {
          fallback.shut();
        }
      } finally {
        ended();
      }
    }
  }

  private void ended() {
    RegionKeeper.leave(this);
    waiters.wakeAll();
    waiters.afterFree(true);
    waiters.leave();
  }

  // --- regions come and go --------------------------------------------------------------------

  /** Takes a region before it is needed, and gives back those that nobody needs. */
  void keepRegions(long now) {
    int version = regions.version();
    boolean isWanted = regions.count() > 0 || waiters.length() > 0;
    if (isWanted && regions.mayGrow() && isShortWithout(null)) {
      regions.grow(version);
    } else {
      regions.trim(idleNanos, now);
    }
  }

  /** Whether less than a quarter of a region would be left of some tier without that one. */
  private boolean isShortWithout(Regions.@Nullable One one) {
    for (int tier = 0; tier < tiers; tier++) {
      long each =
          variable != null
              ? variable.regionBytes()
              : (long) slabs.get(tier).blockSize() * slabs.get(tier).count();
      long left = capacity(tier) - (one == null ? 0 : capacity(one, tier)) - usedBytes(tier);
      if (left < each / SHORT_SHARE) {
        return true;
      }
    }
    return false;
  }

  /** The pool may have more blocks now; to be called without locks. */
  void resized() {
    waiters.afterFree(false);
    if (!waiters.isServing()) {
      observeAll();
    }
  }

  /** Whether the pool can do without a region; if so, ordinary owners get less from now on. */
  boolean mayShrinkBy(Regions.One one) {
    if (regions.list().length > 1 && isShortWithout(one)) {
      return false;
    }
    for (int tier = 0; tier < tiers; tier++) {
      if (!reserve.announce(tier, capacity(one, tier))) {
        for (int announced = 0; announced < tier; announced++) {
          reserve.withdraw(announced, capacity(one, announced));
        }
        return false;
      }
    }
    return true;
  }

  /** The region that the pool can do without leaves its list, as announced. */
  void left(Regions.One one, Runnable change) {
    reserve.change(() -> {
      change.run();
      for (int tier = 0; tier < tiers; tier++) {
        reserve.change(tier, capacity(one, tier), () -> {});
      }
    });
  }

  /** Bytes in the blocks of a tier, used or not. */
  private long capacity(int tier) {
    long bytes = 0;
    for (Regions.One region : regions.list()) {
      bytes += capacity(region, tier);
    }
    return variable != null
        ? bytes
        : bytes - (long) withdrawn.count(tier) * slabs.get(tier).blockSize();
  }

  private long capacity(Regions.One region, int tier) {
    return variable != null
        ? region.bytes
        : (long) region.total(tier) * slabs.get(tier).blockSize();
  }

  /**
   * Changes how many blocks a tier has.
   *
   * @throws IllegalArgumentException when there is no such tier
   * @throws IllegalStateException when too many are used, or the budget is too small; nothing is
   *     changed
   */
  void setCount(long blockSize, int count) {
    if (!resizable) {
      throw cannotChange("resizable");
    }
    checkThread();
    withdrawn.setCount(tierOf(blockSize), count);
    resized();
  }

  /** What an option would be needed for that the pool was built without. */
  IllegalStateException cannotChange(String option) {
    return new IllegalStateException(
        "pool '%s' cannot change that while it is used: build it with %s"
            .formatted(pool.name(), option));
  }

  private int tierOf(long blockSize) {
    for (int tier = 0; tier < slabs.size(); tier++) {
      if (slabs.get(tier).blockSize() == blockSize) {
        return tier;
      }
    }
    throw new IllegalArgumentException(
        "pool '%s' has no tier of %d B; it has %s"
            .formatted(
                pool.name(), blockSize, slabs.stream().map(TierLayout.Slab::blockSize).toList()));
  }

  /** Blocks of a tier, without those that were withdrawn. */
  int totalBlocks(int tier) {
    int total = -withdrawn.count(tier);
    for (Regions.One region : regions.list()) {
      total += region.total(tier);
    }
    return total;
  }

  // --- figures --------------------------------------------------------------------------------

  void setThresholds(double lowPercent, double criticalPercent) {
    for (Pressure level : pressures) {
      level.set(lowPercent, criticalPercent);
    }
  }

  /** The use of a tier may have changed. */
  void observe(long blockSize) {
    if (variable == null && events.isWatched() && !isSilent()) {
      int tier = tierFor(blockSize);
      long size = slabs.get(tier).blockSize();
      events.follow(pressures[tier], size, () -> usedBytes(tier), () -> capacity(tier));
      events.follow(this::usedBytes, this::blockBytes);
    }
  }

  /** Not told by the region's pool, which does so under {@link #sizes}. */
  private void observeVariable() {
    if (variable != null && events.isWatched() && !isSilent()) {
      events.follow(this::usedBytes, this::blockBytes);
    }
  }

  private boolean isSilent() {
    return waiters.isServing() || withdrawn.isChanging() || regions.isShut();
  }

  /** Everything that could not be told under a lock. */
  void observeAll() {
    if (events.isWatched()) {
      slabs.forEach(slab -> observe(slab.blockSize()));
      observeVariable();
    }
  }

  private long usedBytes(int tier) {
    long used = 0;
    for (Regions.One region : regions.list()) {
      used += region.usedBytes(tier);
    }
    return variable != null
        ? used
        : Math.max(0, used - (long) withdrawn.count(tier) * slabs.get(tier).blockSize());
  }

  long usedBytes() {
    long used = 0;
    for (int tier = 0; tier < tiers; tier++) {
      used += usedBytes(tier);
    }
    return used;
  }

  /** Bytes in all blocks there are now. */
  long blockBytes() {
    long bytes = 0;
    for (int tier = 0; tier < tiers; tier++) {
      bytes += capacity(tier);
    }
    return bytes;
  }

  /** Of each tier, the sum of the regions' peaks: blocks, or bytes of a pool of variable size. */
  long[] peaks(Regions.One[] of) {
    long[] peaks = new long[tiers];
    for (Regions.One region : of) {
      PoolStats stats = region.pool.stats();
      for (int tier = 0; tier < tiers; tier++) {
        PoolStats.Variable whole = stats.variable();
        PoolStats.Tier here = region.of(stats, tier);
        peaks[tier] += whole != null ? whole.peakUsedBytes() : here != null ? here.peakUsed() : 0;
      }
    }
    return peaks;
  }

  int usedBlocks(int tier) {
    int used = 0;
    if (tier == FALLBACK) {
      return fallback == null ? 0 : fallback.live();
    }
    for (Regions.One region : regions.list()) {
      used += region.used(tier);
    }
    return Math.max(0, used - withdrawn.count(tier));
  }

  /** In the regions that the pool has now. */
  int freeBlocks(long size) {
    int tier = tierFor(size);
    if (tier == FALLBACK) {
      return 0;
    }
    if (variable == null) {
      return totalBlocks(tier) - usedBlocks(tier);
    }
    long free = 0;
    for (Regions.One region : regions.list()) {
      free += region.pool.freeBlocks(size);
    }
    return (int) Math.min(Integer.MAX_VALUE, free);
  }

  PoolListener.Exhaustion figures(long size) {
    long largestFree = 0;
    for (Regions.One region : regions.list()) {
      long smallest = variable != null ? size : region.pool.blockSize(0);
      largestFree =
          Math.max(
              largestFree, region.pool.figures(Math.min(smallest, maxBlock)).largestFreeBytes());
    }
    int fitting = tierFor(size);
    long used = usedBytes();
    long total = blockBytes();
    return new PoolListener.Exhaustion(
        pool.name(),
        size,
        fitting == FALLBACK ? size : granted(fitting, size),
        largestFree,
        total - used,
        used,
        total);
  }

  PoolStats stats() {
    Regions.View view = regions.view();
    List<PoolStats> all = new ArrayList<>();
    long metadata = fallback == null ? 0 : fallback.metadataBytes();
    for (Regions.One region : view.list()) {
      all.add(region.pool.stats());
      metadata += region.metadataBytes();
    }
    List<PoolStats.Tier> tierStats = new ArrayList<>();
    for (int tier = 0; tier < slabs.size(); tier++) {
      tierStats.add(tierStats(tier, view, all));
    }
    return new PoolStats(
        pool.name(),
        tierStats,
        variable == null ? null : PoolTotals.variable(all, view.past().getFirst(), failed[0].sum()),
        events.refused.sum(),
        events.violations.sum(),
        waiters.length(),
        regions.bytes(),
        metadata + all.stream().mapToLong(PoolStats::metadataBytes).sum(),
        events.pressure(usedBytes(), blockBytes()),
        PoolTotals.timing(all.stream().map(PoolStats::allocateTime).toList()),
        PoolTotals.timing(all.stream().map(PoolStats::freeTime).toList()),
        new PoolStats.Regions(view.list().size(), regions.grown(), regions.trimmed()),
        fallback == null ? null : fallback.stats(),
        labelStats());
  }

  private PoolStats.Tier tierStats(int tier, Regions.View view, List<PoolStats> all) {
    List<PoolStats.Tier> of = new ArrayList<>();
    for (int region = 0; region < all.size(); region++) {
      PoolStats.Tier stats = view.list().get(region).of(all.get(region), tier);
      if (stats != null) {
        of.add(stats);
      }
    }
    return PoolTotals.tier(
        slabs.get(tier),
        of,
        view.past().get(tier),
        new PoolTotals.Own(
            failed[tier].sum(),
            spilledIn[tier].sum(),
            spilledOut[tier].sum(),
            withdrawn.figures(tier),
            pressures[tier].peek(usedBytes(tier), capacity(tier))));
  }

  VerifyReport verify() {
    List<String> findings = new ArrayList<>();
    boolean quiescent = true;
    long blocks = 0;
    for (Regions.One region : regions.list()) {
      VerifyReport of = region.pool.verify();
      findings.addAll(of.findings());
      quiescent &= of.quiescent();
      blocks += of.blocks();
    }
    if (fallback != null) {
      fallback.verify(findings);
    }
    if (quiescent && labels) {
      verifyLabels(findings);
    }
    return new VerifyReport(pool.name(), blocks, quiescent, findings);
  }

  private void verifyLabels(List<String> findings) {
    for (PoolStats.Label label : labelStats()) {
      if (label.liveBlocks() < 0 || label.liveBytes() < 0) {
        findings.add(
            "label '%s': %d blocks of %d B are live"
                .formatted(label.name(), label.liveBlocks(), label.liveBytes()));
      }
    }
  }
}
