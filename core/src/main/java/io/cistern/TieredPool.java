package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
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

  final HandleFormat handles;
  final PoolEvents events;
  final Tier[] tiers;

  /** The only thread that may allocate and free; null in a shared pool. */
  final @Nullable Thread owner;

  private final String name;
  private final MemorySegment region;
  private final byte[] table;
  private final int granuleShift;
  private final int maxSize;
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
    granuleShift = layout.granuleShift();
    maxSize = layout.maxSize();
    allocateTick = zeroing == Zeroing.ON_ALLOCATE ? ALWAYS : 0;
    freeTick = zeroing == Zeroing.ON_FREE ? ALWAYS : 0;
    Pressure whole = new Pressure(builder.lowPercent, builder.criticalPercent, layout.blockBytes());
    events = new PoolEvents(name, builder.listeners, whole, layout.blockBytes());
    waiters = new WaitQueue(this, layout.tiers().size());
    int id = PoolIds.take();
    handles = new HandleFormat(id, layout.tiers().size());
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
    CoarseClock.retain();
    lifecycle = new Lifecycle(this, arena, id);
    search = new TierSearch(tiers, spill, waiters, lifecycle);
  }

  private Tier[] tiers(TierLayout layout, MemoryPool.Builder builder) {
    Tier[] made = new Tier[layout.tiers().size()];
    for (int i = 0; i < made.length; i++) {
      TierLayout.Slab slab = layout.tiers().get(i);
      made[i] =
          new Tier(
              this,
              slab,
              handles.firstHandle(i),
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
    return block(allocateHandle(size), size);
  }

  @Override
  public @Nullable MemoryBlock tryAllocate(long size) {
    long handle = tryAllocateHandle(size);
    return handle == NO_HANDLE ? null : block(handle, size);
  }

  @Override
  public long allocateHandle(long size) {
    long handle = claim(size);
    if (handle == NO_HANDLE) {
      throw new PoolExhaustedException(exhausted(size), "");
    }
    return handle;
  }

  @Override
  public long tryAllocateHandle(long size) {
    long handle = claim(size);
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
    long handle = claim(size);
    return block(handle == NO_HANDLE ? await(size, timeout) : handle, size);
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
  private long claim(long size) {
    int tick = CoarseClock.ticks();
    if (tick == allocateTick) {
      Tier tier = tiers[tierFor(size)];
      long claim = tier.blocks.claim((int) size, tick);
      if (claim != Blocks.NONE) {
        return tier.firstHandle | claim;
      }
    }
    return claimSlow(size, tick);
  }

  /**
   * The first allocation after a tick, every one in a pool that zeroes, and those that find no
   * block at hand.
   */
  private long claimSlow(long size, int tick) {
    if (tick == allocateTick) {
      return search(size, tick);
    }
    long start = System.nanoTime();
    Tier tier = tiers[tierFor(size)];
    long claim = tier.blocks.claim((int) size, tick);
    long handle = claim == Blocks.NONE ? search(size, tick) : tier.firstHandle | claim;
    if (zeroing != Zeroing.ON_ALLOCATE) {
      allocateTick = tick;
    } else if (handle != NO_HANDLE) {
      zero(handle, (int) size);
    }
    allocateTime.recordSince(start);
    return handle;
  }

  private long search(long size, int tick) {
    long handle = search.claim((int) size, tierFor(size), tick);
    if (handle == NO_HANDLE) {
      checkOpen();
    }
    return handle;
  }

  int lastTierFor(int fitting) {
    return TierSearch.lastTier(spill, fitting, tiers.length);
  }

  private int tierFor(long size) {
    if (size <= 0 || size > maxSize) {
      throw refusedSize(size);
    }
    int entry = ((int) size - 1) >>> granuleShift;
    return entry < table.length ? table[entry] : tierBeyondTable(size);
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

  private MemoryBlock block(long handle, long size) {
    Tier tier = tiers[handles.tier(handle)];
    int index = handles.block(handle);
    long word = tier.blocks.word(index);
    if (word < 0) { // retired by closeNow() since it was claimed
      throw closedException();
    }
    return new MemoryBlock(tier, index, (int) size, word);
  }

  private void zero(long handle, int size) {
    tiers[handles.tier(handle)].segment(handles.block(handle), size).fill((byte) 0);
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    int tier = handles.tier(handle);
    if (handles.isTier(tier)
        && CoarseClock.ticks() == freeTick
        && tiers[tier].blocks.release(handles.block(handle), HandleFormat.generation(handle))) {
      return;
    }
    freeSlow(handle);
  }

  /**
   * The first free after a tick, every one in a pool that zeroes, and those that must be refused.
   */
  private void freeSlow(long handle) {
    if (handle == NO_HANDLE) {
      return;
    }
    Tier tier = tierOf(handle);
    int index = handles.block(handle);
    long word = tier.blocks.word(index);
    if (Blocks.isOwned(word) && Blocks.generation(word) == HandleFormat.generation(handle)) {
      tier.free(index, word);
    } else {
      tier.refuseFree(index, HandleFormat.generation(handle));
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
    int index = handles.block(handle);
    int actual = tier.blocks.size(index);
    if (actual != size && tier.blocks.isLive(index, HandleFormat.generation(handle))) {
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
      tier.free(index, word);
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
    int tier = handles.tier(handle);
    return handles.isTier(tier) && handles.block(handle) < tiers[tier].blocks.capacity();
  }

  private Tier tierOf(long handle) {
    if (!gave(handle)) {
      throw events.violation(
          Reason.FOREIGN, "handle 0x%016x is not of pool '%s'".formatted(handle, name));
    }
    return tiers[handles.tier(handle)];
  }

  boolean isFreeNoted() {
    return CoarseClock.ticks() != freeTick;
  }

  /** The first free after a tick, and every one in a pool that zeroes. */
  void freeNoted(Tier tier, int index, long word) {
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
    int index = handles.block(handle);
    return tier.segment(index, tier.blocks.size(index));
  }

  @Override
  public long offset(long handle) {
    return liveTier(handle).offset(handles.block(handle));
  }

  @Override
  public long byteSize(long handle) {
    return liveTier(handle).blocks.size(handles.block(handle));
  }

  @Override
  public boolean isLive(long handle) {
    int tier = handles.tier(handle);
    return handles.isTier(tier)
        && tiers[tier].blocks.isLive(handles.block(handle), HandleFormat.generation(handle));
  }

  private Tier liveTier(long handle) {
    if (isLive(handle)) {
      return tiers[handles.tier(handle)];
    }
    checkOpen();
    throw new IllegalArgumentException(
        "handle 0x%016x names no live allocation of pool '%s'".formatted(handle, name));
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
  public PoolStats stats() {
    PoolStats now = snapshot();
    PoolStats last =
        lifecycle.lastStats(); // set before blocks are retired, which would show in the snapshot
    return last == null ? now : last;
  }

  PoolStats snapshot() {
    PoolStats.Tier[] tierStats = new PoolStats.Tier[tiers.length];
    long metadata = table.length;
    for (int tier = 0; tier < tiers.length; tier++) {
      tierStats[tier] = tiers[tier].stats();
      metadata += tiers[tier].blocks.metadataBytes();
    }
    return new PoolStats(
        name,
        List.of(tierStats),
        events.refused.sum(),
        events.violations.sum(),
        waiters.length(),
        region.byteSize(),
        metadata,
        events.pressure(Tier.usedBytes(tiers)),
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
