package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import io.cistern.internal.Magazine;
import io.cistern.internal.Magazines;
import io.cistern.internal.SmallBlockPool;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool of tiers over one region.
 *
 * <pre>
 * allocate ──► claim ──► size to tier, one table read ──► Blocks.claim
 *                └─► claimSlow ──► waiters first ──► Blocks.claimSlow ──► spill ──► refuse
 * free ──► Tier.free ──► Blocks.release
 * </pre>
 *
 * <p>Whatever is not done on every call (timing one operation a tick, zeroing) hangs on one
 * comparison: the present tick against {@link #allocateTick} or {@link #freeTick}. These hold the
 * tick that has been sampled already, or {@link #ALWAYS} in a pool where every operation needs more
 * than the plain path does.
 */
final class TieredPool extends RegionPool {
  final HandleFormat handles;
  final Tier[] tiers;

  /** The only thread that may allocate and free; null in a shared pool. */
  final @Nullable Thread owner;

  /** Of each tier, and each thread in it. */
  final Magazine[] slots;

  /** Of each tier. */
  private final Blocks[] blocks;

  private final Region region;
  private final MemorySegment memory;
  private final long blockBytes;
  private final long nominalBytes;
  private final byte[] table;
  private final int granuleShift;
  private final long maxSize;
  private final int tierShift;
  private final int firstTier;
  private final int blockMask;
  private final Spill spill;
  private final long alignment;
  private final boolean zeroed;
  private final WaitQueue waiters;

  private final Lifecycle lifecycle;
  private final TierSearch search;
  private final @Nullable Governor governor;

  TieredPool(MemoryPool.Builder builder) {
    this(builder, TierLayout.of(builder));
  }

  private TieredPool(MemoryPool.Builder builder, TierLayout layout) {
    super(builder, layout.blockBytes(), false);
    blockBytes = layout.blockBytes();
    nominalBytes = builder.regionBytes();
    owner = builder.owner;
    governor = builder.governor;
    spill = builder.spill;
    alignment = builder.alignment;
    zeroed = builder.zeroing != Zeroing.OFF;
    table = layout.table();
    slots = Magazines.table(owner == null ? tiersWithMagazines(layout) : layout.tiers().size());
    granuleShift = layout.granuleShift();
    maxSize = layout.maxSize();
    waiters = new WaitQueue(this, layout.tiers().size());
    region = Region.take(layout.regionBytes(), layout.alignment());
    memory = region.memory;
    care.opened(memory);
    region.beforeGivenBack(care::closed);
    handles = new HandleFormat(region.id, layout.tiers().size());
    tierShift = handles.tierShift;
    firstTier = handles.firstTier;
    blockMask = handles.blockMask;
    lifecycle = new Lifecycle(this, region);
    boolean opened = false;
    try {
      tiers = tiers(layout, builder);
      opened = true;
    } finally {
      if (!opened) {
        region.giveBackNumber();
        region.giveBackMemory(name);
      }
    }
    blocks = Arrays.stream(tiers).map(tier -> tier.blocks).toArray(Blocks[]::new);
    search = new TierSearch(tiers, spill, waiters, lifecycle);
  }

  /** Up to the last tier that has them. */
  private static int tiersWithMagazines(TierLayout layout) {
    int tiers = layout.tiers().size();
    while (tiers > 0 && layout.tiers().get(tiers - 1).count() <= SmallBlockPool.MAX_CAPACITY) {
      tiers--;
    }
    return tiers;
  }

  private Tier[] tiers(TierLayout layout, MemoryPool.Builder builder) {
    Tier[] made = new Tier[layout.tiers().size()];
    for (int i = 0; i < made.length; i++) {
      TierLayout.Slab slab = layout.tiers().get(i);
      made[i] =
          new Tier(
              this,
              i,
              slab,
              new Pressure(builder.lowPercent, builder.criticalPercent),
              watch(made, i, slab, builder.governor),
              builder.checks);
    }
    return made;
  }

  /** What a tier calls when its use may have changed: nothing at all where nobody listened yet. */
  private Runnable watch(Tier[] made, int tier, TierLayout.Slab slab, @Nullable Governor governor) {
    if (governor != null) {
      return events.isExact() ? () -> governor.figures.observe(slab.blockSize()) : () -> {};
    }
    return events.isExact() ? () -> observe(made[tier], made) : () -> {};
  }

  /** For listeners that came later than the watches of the tiers: once a tick. */
  @Override
  void noteFigures(long start) {
    if (start != 0 && !events.isExact() && events.hears(PoolListener.Kind.PRESSURE)) {
      observeLate();
    }
  }

  private void observeLate() {
    if (governor != null) {
      governor.figures.observeTiers();
      return;
    }
    for (Tier tier : tiers) {
      observe(tier, tiers);
    }
  }

  private void observe(Tier tier, Tier[] all) {
    long blockSize = tier.slab.blockSize();
    events.follow(
        tier.pressure,
        blockSize,
        () -> tier.blocks.used() * blockSize,
        () -> tier.slab.count() * blockSize);
    events.follow(() -> Tier.usedBytes(all));
  }

  // --- allocate -------------------------------------------------------------------------------

  @Override
  public MemoryBlock allocate(long size) {
    int fitting = tierFor(size);
    return block(fitting, orThrow(claim(fitting, size), size), size);
  }

  @Override
  public @Nullable MemoryBlock tryAllocate(long size) {
    int fitting = tierFor(size);
    long handle = orNothing(claim(fitting, size), size);
    return handle == NO_HANDLE ? null : block(fitting, handle, size);
  }

  @Override
  public long pollHandle(long size) {
    return claim(tierFor(size), size);
  }

  @Override
  public @Nullable MemoryBlock poll(long size) {
    int fitting = tierFor(size);
    long handle = claim(fitting, size);
    return handle == NO_HANDLE ? null : block(fitting, handle, size);
  }

  @Override
  public MemoryBlock allocate(long size, long alignment) {
    checkAlignment(alignment);
    return allocate(size);
  }

  @Override
  public long allocateHandle(long size, long alignment) {
    checkAlignment(alignment);
    return allocateHandle(size);
  }

  private void checkAlignment(long asked) {
    TierLayout.checkAlignment(name, asked, alignment);
  }

  @Override
  public long allocateHandle(long size) {
    return orThrow(claim(tierFor(size), size), size);
  }

  private long orThrow(long handle, long size) {
    return handle == NO_HANDLE ? reclaimedOrThrow(size) : handle;
  }

  private long reclaimedOrThrow(long size) {
    long handle = reclaimed(size);
    if (handle == NO_HANDLE) {
      throw new PoolExhaustedException(exhausted(size), "");
    }
    return handle;
  }

  /** Once more, after memory was freed for it; NO_HANDLE when none was. */
  private long reclaimed(long size) {
    return owner == null && events.reclaim(size) ? claim(tierFor(size), size) : NO_HANDLE;
  }

  @Override
  public long tryAllocateHandle(long size) {
    return orNothing(claim(tierFor(size), size), size);
  }

  private long orNothing(long handle, long size) {
    return handle == NO_HANDLE ? reclaimedOrNothing(size) : handle;
  }

  private long reclaimedOrNothing(long size) {
    long handle = reclaimed(size);
    if (handle == NO_HANDLE) {
      events.countExhausted(size, tiers[tierFor(size)].failed);
    }
    return handle;
  }

  @Override
  public MemoryBlock allocate(long size, Duration timeout) throws InterruptedException {
    int fitting = tierFor(size);
    long handle = claim(fitting, size);
    return block(fitting, handle == NO_HANDLE ? await(size, timeout) : handle, size);
  }

  private long await(long size, Duration timeout) throws InterruptedException {
    if (owner != null) {
      throw new PoolExhaustedException(exhausted(size), "");
    }
    long nanos = nanos(timeout);
    long handle = waiters.await((int) size, tierFor(size), nanos);
    if (handle == NO_HANDLE) {
      checkOpen();
      String waited = " after waiting " + nanos / 1_000_000 + " ms";
      throw new PoolExhaustedException(exhausted(size), waited);
    }
    claimedFor(handle, size);
    return handle;
  }

  /** A handle, or NO_HANDLE when no block is free. */
  private long claim(int fitting, long size) {
    int tick = CoarseClock.ticks();
    if (tick == allocateTick) {
      long self = Thread.currentThread().threadId();
      long handle = Magazines.find(slots, fitting, self).claim(self, Blocks.note(size, tick));
      if (handle != NO_HANDLE) {
        return handle;
      }
    }
    return claimSlow(fitting, size, BlockSource.NOT_INLINED);
  }

  /**
   * Those that find no block in their thread's magazine. HotSpot inlines a recursion once: so this
   * is always a call, which keeps {@link #allocate} small enough to be inlined itself; else its
   * block would be an object even where it does not escape.
   */
  private long claimSlow(int fitting, long size, int calls) {
    if (calls > 0) {
      return claimSlow(fitting, size, calls - 1);
    }
    int tick = CoarseClock.ticks();
    if (tick != allocateTick) {
      return claimNoted(fitting, size, tick);
    }
    long handle = blocks[fitting].claim((int) size, tick);
    return handle != NO_HANDLE ? handle : search(fitting, size, tick);
  }

  /** The first allocation after a tick, and every one of blocks that need care. */
  private long claimNoted(int fitting, long size, int tick) {
    long start = allocateTime.start(tick);
    long handle = blocks[fitting].claim((int) size, tick);
    if (handle == NO_HANDLE) {
      handle = search(fitting, size, tick);
    }
    return claimed(handle, size, tick, start);
  }

  private long search(int fitting, long size, int tick) {
    long handle = search.claim((int) size, fitting, tick);
    if (handle == NO_HANDLE) {
      checkOpen();
    }
    return handle;
  }

  int lastTierFor(int fitting) {
    return TierSearch.lastTier(spill, fitting, tiers.length);
  }

  private int tierFor(long size) {
    if (Long.compareUnsigned(size - 1, maxSize) >= 0) {
      throw refusedSize(size);
    }
    int entry = ((int) size - 1) >>> granuleShift;
    return Integer.compareUnsigned(entry, table.length) < 0 ? table[entry] : tierBeyondTable(size);
  }

  private int tierBeyondTable(long size) {
    int tier = table[table.length - 1];
    while (size > tiers[tier].slab.blockSize()) {
      tier++;
    }
    return tier;
  }

  private PoolListener.Exhaustion exhausted(long size) {
    return events.exhausted(size, tiers[tierFor(size)].failed);
  }

  @Override
  PoolListener.Exhaustion figures(long size) {
    long largestFree = 0;
    long total = 0;
    for (Tier tier : tiers) {
      largestFree = tier.blocks.used() < tier.slab.count() ? tier.slab.blockSize() : largestFree;
      total += (long) tier.slab.count() * tier.slab.blockSize();
    }
    long used = Tier.usedBytes(tiers);
    return new PoolListener.Exhaustion(
        name, size, tiers[tierFor(size)].slab.blockSize(), largestFree, total - used, used, total);
  }

  /**
   * Which tier it is follows from the size but for a spill: a branch that can be predicted, so that
   * nothing has to wait for the handle.
   */
  private MemoryBlock block(int fitting, long handle, long size) {
    int actual = tier(handle);
    Tier tier = tiers[actual == fitting ? fitting : actual];
    int index = index(handle);
    long word = tier.blocks.word(index);
    if (word < 0) { // retired by closeNow() since it was claimed
      throw closedException();
    }
    return new MemoryBlock(tier, index, (int) size, word);
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    if (!freeAtOnce(handle)) {
      freeSlow(handle);
    }
  }

  @Override
  boolean freeAtOnce(long handle) {
    int tier = tier(handle);
    if (isTier(tier) && CoarseClock.ticks() == freeTick) {
      long self = Thread.currentThread().threadId();
      return Magazines.find(slots, tier, self).free(self, index(handle), handle);
    }
    return false;
  }

  /** Those that the thread's magazine does not take, and those that must be refused. */
  private void freeSlow(long handle) {
    if (handle == NO_HANDLE) {
      return;
    }
    Tier tier = givenTier(handle);
    int index = index(handle);
    long word = tier.blocks.word(index);
    if (Blocks.isOwned(word) && Blocks.generation(word) == HandleFormat.generation(handle)) {
      freeSlow(tier, index, word);
    } else {
      tier.refuseFree(index, HandleFormat.generation(handle));
    }
  }

  /** Frees the allocation that the word names, or throws. */
  void free(Tier tier, int index, long word) {
    if (!freeAtOnce(tier, index, word)) {
      freeSlow(tier, index, word);
    }
  }

  /** As {@link #freeAtOnce(long)}, for the allocation that the word names. */
  boolean freeAtOnce(Tier tier, int index, long word) {
    long self = Thread.currentThread().threadId();
    return CoarseClock.ticks() == freeTick
        && Magazines.find(slots, tier.number, self).release(self, index, word);
  }

  private void freeSlow(Tier tier, int index, long word) {
    if (!tryFree(tier, index, word)) {
      tier.deferOrRefuse(index, word, tier);
    }
  }

  @Override
  public void free(long handle, long size) {
    if (handle != NO_HANDLE) {
      checkSize(givenTier(handle), handle, size);
      free(handle);
    }
  }

  /** Throws if the handle is live and its size is another one. */
  private void checkSize(Tier tier, long handle, long size) {
    int index = index(handle);
    int actual = tier.blocks.size(index);
    if (actual != size && tier.blocks.isLive(index, handle)) {
      throw wrongSize(handle, actual, size);
    }
  }

  @Override
  public void free(@Nullable MemorySegment segment) {
    if (segment == null) {
      return;
    }
    boolean wasDead = !segment.scope().isAlive();
    long position = position(segment);
    Tier tier = tierAt(position);
    int index = (int) ((position - tier.slab.offset()) / tier.slab.stride());
    long word = tier.blocks.word(index);
    if (position != tier.offset(index)) {
      throw interior(
          segment, position - tier.offset(index), tier.describe(index, Blocks.generation(word)));
    }
    if (Blocks.isOwned(word)) {
      tier.checkThread();
      checkMayFree(segment, wasDead, tier.isLent(index));
      free(tier, index, word);
    } else {
      int generation = Blocks.generation(word);
      tier.refuseFree(index, word < 0 ? generation : generation - 1);
    }
  }

  private Tier tierAt(long position) {
    int tier = tiers.length - 1;
    while (position >= tiers[tier].slab.offset() + tiers[tier].slab.bytes()) {
      tier--;
    }
    return tiers[tier];
  }

  @Override
  boolean gave(long handle) {
    int tier = tier(handle);
    return isTier(tier) && index(handle) < tiers[tier].blocks.capacity();
  }

  private Tier givenTier(long handle) {
    if (!gave(handle)) {
      throw foreign(handle);
    }
    return tiers[tier(handle)];
  }

  /** As {@link #free(Tier, int, long)}, but says false where that throws or does nothing. */
  boolean tryFree(Tier tier, int index, long word) {
    if (freeAtOnce(tier, index, word)) {
      return true;
    }
    if (Blocks.isPinned(word)) {
      return false;
    }
    return CoarseClock.ticks() == freeTick
        ? tier.blocks.release(index, word)
        : freeNoted(tier, index, word);
  }

  // --- resize ---------------------------------------------------------------------------------

  @Override
  public boolean tryResize(long handle, long newSize) {
    Tier tier = liveTier(handle);
    return tryResize(tier, index(handle), newSize);
  }

  /** As {@link #tryResize(long, long)}, for the allocation that the word names. */
  boolean tryResize(Tier tier, int index, long word, long newSize) {
    if (!Blocks.isSame(word, tier.blocks.word(index))) {
      throw tier.notLive(index, word);
    }
    return tryResize(tier, index, newSize);
  }

  private boolean tryResize(Tier tier, int index, long newSize) {
    tierFor(newSize); // throws when it is out of range
    tier.blocks.checkThread();
    if (newSize > tier.slab.blockSize()) {
      return false;
    }
    int before = tier.blocks.size(index);
    if (newSize < before && Blocks.isPinned(tier.blocks.word(index))) {
      return false; // it is in use
    }
    if (newSize < before) {
      care.shrinking(tier, index, before, (int) newSize);
    }
    tier.blocks.resize(index, (int) newSize);
    if (newSize > before) {
      care.grown(tier, index, before, (int) newSize);
    }
    return true;
  }

  // --- live allocations -----------------------------------------------------------------------

  @Override
  public MemorySegment segment(long handle) {
    Tier tier = liveTier(handle);
    int index = index(handle);
    return tier.segment(index, tier.blocks.size(index));
  }

  @Override
  public long offset(long handle) {
    int tier = tier(handle);
    int index = index(handle);
    if (isTier(tier)) {
      Tier t = tiers[tier];
      if (t.blocks.isLive(index, handle)) {
        return t.offset(index);
      }
    }
    throw notLive(handle);
  }

  @Override
  public long byteSize(long handle) {
    return liveTier(handle).blocks.size(index(handle));
  }

  @Override
  public boolean isLive(long handle) {
    int tier = tier(handle);
    return isTier(tier) && blocks[tier].isLive(index(handle), handle);
  }

  private Tier liveTier(long handle) {
    if (isLive(handle)) {
      return tiers[tier(handle)];
    }
    throw notLive(handle);
  }

  @Override
  RegionBlocks source(long handle) {
    return tiers[tier(handle)];
  }

  @Override
  RegionBlocks blocks(int tier) {
    return tiers[tier];
  }

  @Override
  int tierCount() {
    return tiers.length;
  }

  @Override
  long blockSize(int tier) {
    return tiers[tier].slab.blockSize();
  }

  @Override
  int tierOf(long handle) {
    return tier(handle);
  }

  @Override
  int block(long handle) {
    return index(handle);
  }

  @Override
  int id() {
    return handles.pool();
  }

  @Override
  long claim(int tier, long size, long alignment) {
    return claim(tier, size);
  }

  @Override
  int used(int tier) {
    return blocks[tier].used();
  }

  @Override
  long usedBytes(int tier) {
    return (long) blocks[tier].used() * tiers[tier].slab.blockSize();
  }

  @Override
  MemorySegment lent(long handle, long size) {
    return tiers[tier(handle)].segment(index(handle), (int) size);
  }

  @Override
  void hold(long handle) {
    Tier tier = tiers[tier(handle)];
    int index = index(handle);
    tier.blocks.hold(index);
    if (tier.blocks.word(index) < 0) {
      endHold(tier, index);
      throw closedException();
    }
  }

  @Override
  void takeBack(long handle) {
    int tier = tier(handle);
    blocks[tier].endOwnHold(index(handle));
    long self = Thread.currentThread().threadId();
    if (CoarseClock.ticks() != freeTick
        || !Magazines.find(slots, tier, self).free(self, index(handle), handle)) {
      takeBackSlow(tiers[tier], index(handle), handle);
    }
  }

  void endHold(Tier tier, int index) {
    lifecycle.endHold(tier, index);
  }

  @Override
  public boolean isConfined() {
    return owner != null;
  }

  @Override
  long alignment() {
    return alignment;
  }

  @Override
  boolean isZeroed() {
    return zeroed;
  }

  @Override
  long allocations() {
    long allocations = 0;
    for (Blocks of : blocks) {
      allocations += of.counts().allocations();
    }
    return allocations;
  }

  @Override
  Region taken() {
    return region;
  }

  @Override
  int mostBlocks(int tier) {
    return blocks[tier].capacity();
  }

  @Override
  long releases(int firstTier, int lastTier) {
    return search.releases(firstTier, lastTier);
  }

  @Override
  String label(long handle) {
    return tiers[tier(handle)].slab.label();
  }

  @Override
  long handleAt(MemorySegment segment) {
    long position = position(segment);
    Tier tier = tierAt(position);
    int index = (int) ((position - tier.slab.offset()) / tier.slab.stride());
    long word = tier.blocks.word(index);
    return position == tier.offset(index) && Blocks.isOwned(word)
        ? tier.handle(index, word)
        : NO_HANDLE;
  }

  @Override
  int index(long handle) {
    return (int) (handle >>> 32) & blockMask;
  }

  /** As {@link HandleFormat#tier}, whose constants this object repeats: a step less on the way. */
  private int tier(long handle) {
    return (int) (handle >>> tierShift) - firstTier;
  }

  /** One unsigned comparison, which the access that follows then does not repeat. */
  private boolean isTier(int tier) {
    return Integer.compareUnsigned(tier, tiers.length) < 0;
  }

  void wakeWaiters() {
    waiters.wakeAll();
  }

  void serveWaiters() {
    waiters.serve();
  }

  // --- figures --------------------------------------------------------------------------------

  @Override
  public long maxSize() {
    return maxSize;
  }

  @Override
  public MemorySegment region() {
    return memory;
  }

  @Override
  public int usedBlocks(long size) {
    return lifecycle.isClosed() ? 0 : blocks[tierFor(size)].used();
  }

  @Override
  public int freeBlocks(long size) {
    int tier = tierFor(size);
    return lifecycle.isClosed() ? 0 : blocks[tier].capacity() - blocks[tier].used();
  }

  @Override
  public PoolStats stats() {
    PoolStats now = snapshot();
    PoolStats last =
        lifecycle.lastStats(); // set before blocks are retired, which would show in the snapshot
    return last == null ? now : last;
  }

  PoolStats snapshot() {
    PoolStats.Tier[] tierStats = new PoolStats.Tier[tiers.length];
    long metadata = table.length + 16 + 4L * slots.length;
    long usedBytes = 0;
    for (int tier = 0; tier < tiers.length; tier++) {
      tierStats[tier] = tiers[tier].stats();
      usedBytes += (long) tierStats[tier].used() * tierStats[tier].blockSizeBytes();
      metadata += blocks[tier].metadataBytes();
    }
    return new PoolStats(
        name,
        List.of(tierStats),
        null,
        events.refused.sum(),
        events.violations.sum(),
        waiters.length(),
        nominalBytes,
        metadata + care.metadataBytes(),
        events.pressure(usedBytes),
        allocateTime.timing(),
        freeTime.timing(),
        PoolStats.Regions.ONE,
        null,
        List.of(),
        events.checks(memory.byteSize() - nominalBytes));
  }

  @Override
  public VerifyReport verify() {
    return lifecycle.verify();
  }

  @Override
  public String dump() {
    return PoolDump.of(this, stats());
  }

  @Override
  long usedBytes() {
    return lifecycle.isClosed() ? 0 : Tier.usedBytes(tiers);
  }

  @Override
  long blockBytes() {
    return blockBytes;
  }

  @Override
  boolean isVariable() {
    return false;
  }

  @Override
  void setThresholds(double lowPercent, double criticalPercent) {
    events.setThresholds(lowPercent, criticalPercent);
    for (Tier tier : tiers) {
      tier.pressure.set(lowPercent, criticalPercent);
    }
  }

  // --- close ----------------------------------------------------------------------------------

  @Override
  public boolean isClosed() {
    return lifecycle.isClosed();
  }

  @Override
  public void close() {
    lifecycle.close();
  }

  @Override
  public void closeNow() {
    lifecycle.closeNow();
  }
}
