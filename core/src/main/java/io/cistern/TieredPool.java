package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import io.cistern.internal.Magazine;
import io.cistern.internal.Magazines;
import io.cistern.internal.SmallBlockPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
final class TieredPool implements MemoryPool {
  private static final long CACHE_LINE = 64;
  private static final int ALWAYS = -1;
  private static final int NOT_INLINED = 2;

  final HandleFormat handles;
  final PoolEvents events;
  final Tier[] tiers;

  /** The only thread that may allocate and free; null in a shared pool. */
  final @Nullable Thread owner;

  /** Of each tier, and each thread in it. */
  final Magazine[] slots;

  /** Of each tier. */
  private final Blocks[] blocks;

  private final String name;
  private final MemorySegment region;
  private final byte[] table;
  private final int granuleShift;
  private final long maxSize;
  private final int tierShift;
  private final int firstTier;
  private final int blockMask;
  private final Spill spill;
  private final Zeroing zeroing;
  private final WaitQueue waiters;

  private final OperationTime allocateTime = new OperationTime();
  private final OperationTime freeTime = new OperationTime();
  private int allocateTick;
  private int freeTick;

  private final Lifecycle lifecycle;
  private final TierSearch search;

  TieredPool(MemoryPool.Builder builder) {
    TierLayout layout = TierLayout.of(builder);
    name = builder.name;
    owner = builder.owner;
    spill = builder.spill;
    zeroing = builder.zeroing;
    table = layout.table();
    slots = Magazines.table(owner == null ? tiersWithMagazines(layout) : layout.tiers().size());
    granuleShift = layout.granuleShift();
    maxSize = layout.maxSize();
    allocateTick = zeroing == Zeroing.ON_ALLOCATE ? ALWAYS : 0;
    freeTick = zeroing == Zeroing.ON_FREE ? ALWAYS : 0;
    Pressure whole = new Pressure(builder.lowPercent, builder.criticalPercent, layout.blockBytes());
    events = new PoolEvents(name, builder.listeners, whole, layout.blockBytes());
    waiters = new WaitQueue(this, layout.tiers().size());
    int id = PoolIds.take();
    handles = new HandleFormat(id, layout.tiers().size());
    tierShift = handles.tierShift;
    firstTier = handles.firstTier;
    blockMask = handles.blockMask;
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      region = arena.allocate(layout.regionBytes(), Math.max(CACHE_LINE, layout.alignment()));
      tiers = tiers(layout, builder);
      opened = true;
    } finally {
      if (!opened) {
        arena.close();
        PoolIds.giveBack(id);
      }
    }
    blocks = Arrays.stream(tiers).map(tier -> tier.blocks).toArray(Blocks[]::new);
    CoarseClock.retain();
    lifecycle = new Lifecycle(this, arena, id);
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
              new Pressure(
                  builder.lowPercent,
                  builder.criticalPercent,
                  (long) slab.count() * slab.blockSize()),
              events.watch(made, i));
    }
    return made;
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
  public long allocateHandle(long size) {
    return orThrow(claim(tierFor(size), size), size);
  }

  private long orThrow(long handle, long size) {
    if (handle == NO_HANDLE) {
      throw new PoolExhaustedException(exhausted(size), "");
    }
    return handle;
  }

  @Override
  public long tryAllocateHandle(long size) {
    return orNothing(claim(tierFor(size), size), size);
  }

  private long orNothing(long handle, long size) {
    if (handle == NO_HANDLE) {
      events.countExhausted(size, tiers[tierFor(size)], tiers);
    }
    return handle;
  }

  @Override
  public int tryAllocateHandles(long size, long[] handles, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, handles.length);
    for (int i = 0; i < count; i++) {
      long handle = tryAllocateHandle(size);
      if (handle == NO_HANDLE) {
        return i;
      }
      handles[offset + i] = handle;
    }
    return count;
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
    if (zeroing == Zeroing.ON_ALLOCATE) {
      zero(handle, (int) size);
    }
    return handle;
  }

  /** From 0 to 146 years. */
  private static long nanos(Duration timeout) {
    Duration longest = Duration.ofNanos(Long.MAX_VALUE / 2);
    return timeout.isNegative()
        ? 0
        : timeout.compareTo(longest) < 0 ? timeout.toNanos() : longest.toNanos();
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
    return claimSlow(fitting, size, NOT_INLINED);
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

  /** The first allocation after a tick, and every one in a pool that zeroes. */
  private long claimNoted(int fitting, long size, int tick) {
    long start = System.nanoTime();
    long handle = blocks[fitting].claim((int) size, tick);
    if (handle == NO_HANDLE) {
      handle = search(fitting, size, tick);
    }
    if (zeroing != Zeroing.ON_ALLOCATE) {
      allocateTick = tick;
    } else if (handle != NO_HANDLE) {
      zero(handle, (int) size);
    }
    allocateTime.recordSince(start);
    return handle;
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

  private IllegalArgumentException refusedSize(long size) {
    checkOpen();
    events.refused.increment();
    return new IllegalArgumentException(
        "size of %d B: pool '%s' serves from 1 to %d B".formatted(size, name, maxSize));
  }

  private PoolListener.Exhaustion exhausted(long size) {
    return events.exhausted(size, tiers[tierFor(size)], tiers);
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

  private void zero(long handle, int size) {
    tiers[tier(handle)].segment(index(handle), size).fill((byte) 0);
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    int tier = tier(handle);
    if (isTier(tier) && CoarseClock.ticks() == freeTick) {
      long self = Thread.currentThread().threadId();
      if (Magazines.find(slots, tier, self).free(self, index(handle), handle)) {
        return;
      }
    }
    freeSlow(handle);
  }

  /** Those that the thread's magazine does not take, and those that must be refused. */
  private void freeSlow(long handle) {
    if (handle == NO_HANDLE) {
      return;
    }
    Tier tier = tierOf(handle);
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
    long self = Thread.currentThread().threadId();
    if (CoarseClock.ticks() != freeTick
        || !Magazines.find(slots, tier.number, self).release(self, index, word)) {
      freeSlow(tier, index, word);
    }
  }

  private void freeSlow(Tier tier, int index, long word) {
    if (CoarseClock.ticks() != freeTick) {
      freeNoted(tier, index, word);
    } else if (!tier.blocks.release(index, word)) {
      tier.refuseFree(index, word);
    }
  }

  @Override
  public void free(long handle, long size) {
    if (handle != NO_HANDLE) {
      checkSize(tierOf(handle), handle, size);
      free(handle);
    }
  }

  /** Throws if the handle is live and its size is another one. */
  private void checkSize(Tier tier, long handle, long size) {
    int index = index(handle);
    int actual = tier.blocks.size(index);
    if (actual != size && tier.blocks.isLive(index, handle)) {
      throw events.violation(
          Reason.WRONG_SIZE,
          "handle 0x%016x of pool '%s' was allocated with %d B, not %d B"
              .formatted(handle, name, actual, size));
    }
  }

  @Override
  public void free(long[] handles, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, handles.length);
    InvalidFreeException first = null;
    for (int i = offset; i < offset + count; i++) {
      try {
        free(handles[i]);
        handles[i] = NO_HANDLE;
      } catch (InvalidFreeException refused) {
        first = first == null ? refused : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public void free(@Nullable MemorySegment segment) {
    if (segment == null) {
      return;
    }
    long position = segment.isNative() ? segment.address() - region.address() : -1;
    if (position < 0 || position >= region.byteSize()) {
      throw events.violation(
          Reason.FOREIGN, "address 0x%x is not in pool '%s'".formatted(segment.address(), name));
    }
    Tier tier = tierAt(position);
    int index = (int) ((position - tier.slab.offset()) / tier.slab.stride());
    long word = tier.blocks.word(index);
    if (position != tier.offset(index)) {
      throw events.violation(
          Reason.INTERIOR,
          "address 0x%x is byte %d of %s"
              .formatted(
                  segment.address(),
                  position - tier.offset(index),
                  tier.describe(index, Blocks.generation(word))));
    }
    if (Blocks.isOwned(word)) {
      free(tier, index, word);
    } else {
      tier.refuseFree(index, Blocks.generation(word) - 1);
    }
  }

  private Tier tierAt(long position) {
    int tier = tiers.length - 1;
    while (position >= tiers[tier].slab.offset() + tiers[tier].slab.bytes()) {
      tier--;
    }
    return tiers[tier];
  }

  /** Whether the handle names one of this pool's blocks, of whatever generation. */
  boolean gave(long handle) {
    int tier = tier(handle);
    return isTier(tier) && index(handle) < tiers[tier].blocks.capacity();
  }

  private Tier tierOf(long handle) {
    if (!gave(handle)) {
      throw events.violation(
          Reason.FOREIGN, "handle 0x%016x is not of pool '%s'".formatted(handle, name));
    }
    return tiers[tier(handle)];
  }

  /** The first free after a tick, and every one in a pool that zeroes. */
  private void freeNoted(Tier tier, int index, long word) {
    tier.blocks.checkThread();
    long start = System.nanoTime();
    boolean released =
        zeroing == Zeroing.ON_FREE
            ? zeroAndRelease(tier, index, word)
            : tier.blocks.release(index, word);
    if (!released) {
      tier.refuseFree(index, word);
      return;
    }
    if (zeroing != Zeroing.ON_FREE) {
      freeTick = CoarseClock.ticks();
    }
    freeTime.recordSince(start);
  }

  /** Takes the block from its owner, zeroes it, and only then lets others have it. */
  private boolean zeroAndRelease(Tier tier, int index, long word) {
    long marked = tier.blocks.beginRelease(index, word);
    if (marked == 0) {
      return false;
    }
    try {
      tier.segment(index, tier.slab.blockSize()).fill((byte) 0);
    } catch (IllegalStateException regionGone) {
      return isClosed();
    }
    return tier.blocks.release(index, marked);
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

  private int index(long handle) {
    return (int) (handle >>> 32) & blockMask;
  }

  private RuntimeException notLive(long handle) {
    checkOpen();
    return new IllegalArgumentException(
        "handle 0x%016x names no live allocation of pool '%s'".formatted(handle, name));
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
  public String name() {
    return name;
  }

  @Override
  public long maxSize() {
    return maxSize;
  }

  @Override
  public MemorySegment region() {
    return region;
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
        events.refused.sum(),
        events.violations.sum(),
        waiters.length(),
        region.byteSize(),
        metadata,
        events.pressure(usedBytes),
        allocateTime.timing(),
        freeTime.timing());
  }

  @Override
  public VerifyReport verify() {
    return lifecycle.verify();
  }

  @Override
  public String dump() {
    return PoolDump.of(this, stats());
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

  private void checkOpen() {
    if (lifecycle.isClosed()) {
      throw closedException();
    }
  }

  IllegalStateException closedException() {
    return new IllegalStateException("pool '" + name + "' is closed");
  }
}
