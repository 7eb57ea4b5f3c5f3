package io.cistern;

import io.cistern.internal.Allowance;
import io.cistern.internal.BiasedLock;
import io.cistern.internal.CoarseClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may take how much from a {@link GovernedPool}, and what happens when it runs short.
 *
 * <pre>
 * {@link DirectPath}, where nobody is charged and somebody's block is free; else
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
  private static final int FALLBACK = GovernedSizes.FALLBACK;

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
  final GovernedSizes sizes;
  final Owners owners;
  final GovernedFigures figures;

  private final GovernedPool pool;
  final long alignment;
  final boolean labels;
  final boolean isZeroed;
  private final boolean resizable;
  private final @Nullable Quota quotas;
  final @Nullable Thread confinedTo;
  private final long idleNanos;

  final Reserve reserve;

  /** Who allocated, of a sample; of all that are checked, {@link Checks} know it. */
  private final Suspects suspects;

  final boolean isChecked;

  /** For pools that charge nobody; null in all others. */
  final @Nullable DirectPath direct;

  /** Held while the size of a block of variable size is looked at and changed. */
  private final @Nullable BiasedLock resizing;

  /** Blocks that no longer count, since their tier was made smaller. */
  final Withdrawn withdrawn;

  Governor(GovernedPool pool, MemoryPool.Builder builder) {
    checkMayComeAndGo(builder.name, builder.owner, builder.leastRegions, builder.mostRegions);
    this.pool = pool;
    this.events = pool.events;
    this.sizes = new GovernedSizes(builder);
    this.alignment = builder.alignment;
    this.labels = builder.labels;
    this.isZeroed = builder.zeroing != Zeroing.OFF;
    this.resizable = builder.resizable;
    this.quotas = builder.quotas;
    this.confinedTo = builder.owner;
    this.idleNanos = PoolBase.nanos(builder.idle);
    this.resizing = sizes.isVariable() ? new BiasedLock(builder.owner) : null;
    this.owners = new Owners(pool.name(), quotas, labels, sizes);
    this.figures = new GovernedFigures(pool, this, sizes, owners, builder);
    this.reserve = new Reserve(builder.reserveBytes, blockBytes(sizes), figures::capacity);
    this.waiters = new GovernedWaiters(pool, this, sizes.isVariable());
    Allowance outside = builder.fallback();
    this.fallback = outside == null ? null : new FallbackBlocks(pool, this, outside);
    this.isChecked = builder.checks.isChecked();
    this.suspects =
        Suspects.of(isChecked ? 0 : builder.leakSamples, builder.mostBytes(), this::allocations);
    this.withdrawn = new Withdrawn(pool, this, sizes.tiers);
    this.regions = new Regions(pool, this, builder, sizes.tiers);
    boolean charges = quotas != null || builder.reserveBytes > 0;
    this.direct = charges || isChecked || sizes.isVariable() ? null : new DirectPath(this);
  }

  private static long[] blockBytes(GovernedSizes sizes) {
    return IntStream.range(0, sizes.tiers).mapToLong(sizes::blockBytes).toArray();
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
    return Math.max(
        regions.isEverNone() ? 0 : sizes.maxBlock, fallback == null ? 0 : fallback.maxSize());
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
    int fitting = sizes.tierFor(size);
    long claimed = NONE;
    if (fitting != FALLBACK && !regions.isEverNone()) {
      claimed = fromRegions(size, alignment, owner, fitting, sizes.lastTier(fitting));
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
      long bytes = sizes.granted(tier, size);
      if (!charge(owner, bytes)) {
        return tier == fitting ? REFUSED : SPILL_REFUSED;
      }
      long handle = claimCharged(tier, size, bytes, alignment, owner);
      if (handle != NONE) {
        if (!noteOwner(handle, tier, owner)) {
          giveBack(owner, tier, bytes);
          return NONE;
        }
        owner.allocated(tier, bytes);
        figures.countSpill(fitting, tier, size, owner);
        figures.observeVariable();
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
      owner.allocated(FALLBACK, size);
      figures.tellFallback(outside, size, owner);
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

  /**
   * Counts a failure; the exception to throw for it. Where a quota refuses, the pool is not
   * exhausted: nobody is told that it is.
   */
  PoolExhaustedException exhausted(long code, long size, Owner owner, String waited) {
    Quota quota = owner.quota();
    if (code != REFUSED || quota == null) {
      owner.failed();
      return new PoolExhaustedException(
          events.exhausted(size, owner.name(), figures.failedOf(size)), waited);
    }
    countExhausted(code, size, owner);
    long charged = refusedCharge(quota, size);
    return new QuotaExceededException(
        quota.refusing(charged).figures(), charged, figures.figures(size), waited);
  }

  /** Bytes of the smallest block that fits and that the quota refuses now; else of the smallest. */
  private long refusedCharge(Quota quota, long size) {
    int fitting = sizes.tierFor(size);
    if (fitting == FALLBACK) {
      return size;
    }
    for (int tier = fitting; tier <= sizes.lastTier(fitting); tier++) {
      if (quota.refuses(sizes.granted(tier, size))) {
        return sizes.granted(tier, size);
      }
    }
    return sizes.granted(fitting, size);
  }

  /** Counts a failure that throws nothing. */
  void countExhausted(long code, long size, Owner owner) {
    owner.failed();
    if (code == REFUSED) {
      figures.failedOf(size).increment();
    } else {
      events.countExhausted(size, owner.name(), figures.failedOf(size));
    }
  }

  // --- free -----------------------------------------------------------------------------------

  /** An allocation of that owner is free: to be called once for each, by whoever freed it. */
  void freed(int number, int tier, long bytes) {
    if (events.isTracked()) {
      events.operations.freed(Thread.currentThread(), bytes);
    }
    credit(number, tier, bytes);
    figures.observeVariable();
    waiters.afterFree(owners.byNumber(number).quota() != null);
  }

  /** As {@link #freed}, under locks: those who wait are to be served by the caller, afterwards. */
  void credit(int number, int tier, long bytes) {
    Owner owner = owners.byNumber(number);
    if (tier != FALLBACK) {
      reserve.giveBack(owner, tier, bytes);
    }
    owner.freed(tier, bytes);
  }

  boolean beginFree() {
    return resizing != null && resizing.lock();
  }

  void endFree(boolean plain) {
    if (resizing != null) {
      resizing.unlock(plain);
    }
  }

  /** Whether the allocation that is being made is to be sampled; to be asked once for each. */
  boolean isSample() {
    return !isChecked && suspects.isDue(CoarseClock.ticks());
  }

  /** Whether every allocation is to be noted. */
  boolean isNoted() {
    return isChecked || events.isTracked();
  }

  /** Keeps who has made an allocation, and counts it for whose work is counted. */
  void note(BlockSource source, int index, Owner owner, boolean isSample) {
    if (isChecked) {
      tellSampled(((GovernedSource) source).trace(index, owner.name()), source, index);
    } else if (isSample) {
      long word = source.word(index);
      tellSampled(suspects.sample(source, index, word, owner.name()), source, index);
    }
    if (events.isTracked()) {
      events.operations.allocated(Thread.currentThread(), ((GovernedSource) source).granted(index));
    }
  }

  private void tellSampled(@Nullable AllocationTrace trace, BlockSource source, int index) {
    if (trace != null) {
      events.sampled(trace, ((GovernedSource) source).granted(index));
    }
  }

  /** So far, in the regions there are. */
  private long allocations() {
    long allocations = fallback == null ? 0 : fallback.stats().allocations();
    for (Regions.One region : regions.list()) {
      allocations += region.pool.allocations();
    }
    return allocations;
  }

  /** Who made an allocation, if that is known. */
  @Nullable AllocationTrace traceOf(
      RegionPool region, RegionBlocks blocks, GovernedBlocks owned, int index, long word) {
    return region.care() instanceof Checks checks
        ? checks.of(blocks, index, word)
        : suspects.of(owned, index, word);
  }

  LeakReport report(Duration olderThan) {
    events.lost.collect();
    events.tellUntold();
    Stream<AllocationTrace> all =
        Stream.concat(
            suspects.live(),
            Arrays.stream(regions.list())
                .map(region -> region.pool.care())
                .filter(Checks.class::isInstance)
                .flatMap(care -> ((Checks) care).live()));
    Stream<AllocationTrace> outside = fallback == null ? Stream.empty() : fallback.traces();
    return LeakReport.of(
        pool.name(),
        olderThan,
        isChecked,
        Stream.concat(all, outside).toList(),
        pool.stats().used(),
        suspects.missed(),
        events.lost.sites());
  }

  /**
   * In place, and charged: down always, up if the quota and what ordinary owners may take allow.
   */
  boolean tryResize(RegionBlocks blocks, BlockTags tags, int index, long word, long size) {
    checkSize(size);
    if (!sizes.isVariable()) {
      return size <= sizes.maxBlock && blocks.tryResize(index, word, size);
    }
    if (size > sizes.maxBlock) {
      return false;
    }
    long freed;
    Owner owner;
    boolean plain = beginFree();
    try {
      owner = owners.byNumber(tags.owner(index));
      long before = blocks.liveSize(index, word) < 0 ? 0 : blocks.granted(index);
      long more = before == 0 ? 0 : sizes.granted(0, size) - before;
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
    figures.observeVariable();
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
    events.lost.collect();
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
    events.tellUntold();
  }

  // --- regions come and go --------------------------------------------------------------------

  /**
   * Takes a region before it is needed, and gives back those that nobody needs; whether there were
   * any.
   */
  boolean keepRegions(long now) {
    int version = regions.version();
    boolean isWanted = regions.count() > 0 || waiters.length() > 0;
    if (isWanted && regions.mayGrow() && isShortWithout(null)) {
      regions.grow(version);
      return false;
    }
    long before = regions.trimmed();
    regions.trim(idleNanos, now);
    return regions.trimmed() != before;
  }

  /** Whether less than a quarter of a region would be left of some tier without that one. */
  private boolean isShortWithout(Regions.@Nullable One one) {
    for (int tier = 0; tier < sizes.tiers; tier++) {
      long leaving = one == null ? 0 : figures.capacity(one, tier);
      long left = figures.capacity(tier) - leaving - figures.usedBytes(tier);
      if (left < sizes.regionBytes(tier) / SHORT_SHARE) {
        return true;
      }
    }
    return false;
  }

  /** The pool may have more blocks now; to be called without locks. */
  void resized() {
    waiters.afterFree(false);
    if (!waiters.isServing()) {
      figures.observeAll();
    }
  }

  /** Whether the pool can do without a region; if so, ordinary owners get less from now on. */
  boolean mayShrinkBy(Regions.One one) {
    if (regions.list().length > 1 && isShortWithout(one)) {
      return false;
    }
    for (int tier = 0; tier < sizes.tiers; tier++) {
      if (!reserve.announce(tier, figures.capacity(one, tier))) {
        for (int announced = 0; announced < tier; announced++) {
          reserve.withdraw(announced, figures.capacity(one, announced));
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
      for (int tier = 0; tier < sizes.tiers; tier++) {
        reserve.change(tier, figures.capacity(one, tier), () -> {});
      }
    });
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
    withdrawn.setCount(sizes.tierOf(pool.name(), blockSize), count);
    resized();
  }

  /** What an option would be needed for that the pool was built without. */
  IllegalStateException cannotChange(String option) {
    return new IllegalStateException(
        "pool '%s' cannot change that while it is used: build it with %s"
            .formatted(pool.name(), option));
  }
}
