package io.cistern;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pool whose {@link Governor} looks after who takes how much: with labels, quotas, a reserve,
 * fallback memory, or regions that come and go. It is built only where one of these is wanted, over
 * ordinary pools, whose fast paths know nothing of it.
 *
 * <p>An object of this class is one view of the pool, for one {@link Owner}; what it allocates is
 * the owner's. All views share the blocks, and any of them may free.
 */
final class GovernedPool extends PoolBase {
  private final Governor governor;
  private final Owner owner;

  GovernedPool(MemoryPool.Builder builder) {
    super(builder, 0);
    governor = new Governor(this, builder);
    owner = governor.owners.nobody;
    governor.open();
  }

  /** The same pool for another owner. */
  private GovernedPool(GovernedPool pool, Owner owner) {
    super(pool);
    this.governor = pool.governor;
    this.owner = owner;
  }

  @Override
  Governor governor() {
    return governor;
  }

  @Override
  public MemoryPool labelled(String label) {
    if (!governor.labels) {
      return super.labelled(label);
    }
    return new GovernedPool(
        this, governor.owners.owner(owner.quota(), governor.owners.label(checkLabel(label))));
  }

  @Override
  public MemoryPool chargedTo(Quota quota) {
    Quota quotas = governor.quotas();
    if (quotas == null) {
      return super.chargedTo(quota);
    }
    if (!quotas.isSameTree(quota)) {
      throw new IllegalArgumentException(
          "quota '%s' is not of the manager of pool '%s'".formatted(quota.path(), name));
    }
    return new GovernedPool(this, governor.owners.owner(quota, owner.label()));
  }

  @Override
  long usedBytes() {
    return governor.figures.usedBytes();
  }

  @Override
  long blockBytes() {
    return governor.figures.blockBytes();
  }

  @Override
  boolean isVariable() {
    return governor.sizes.isVariable();
  }

  @Override
  void setThresholds(double lowPercent, double criticalPercent) {
    events.setThresholds(lowPercent, criticalPercent);
    governor.figures.setThresholds(lowPercent, criticalPercent);
  }

  // --- allocate -------------------------------------------------------------------------------

  @Override
  public MemoryBlock allocate(long size) {
    return block(allocateHandle(size), size);
  }

  @Override
  public MemoryBlock allocate(long size, long alignment) {
    return block(allocateHandle(size, alignment), size);
  }

  @Override
  public @Nullable MemoryBlock tryAllocate(long size) {
    long handle = tryAllocateHandle(size);
    return handle == NO_HANDLE ? null : block(handle, size);
  }

  @Override
  public @Nullable MemoryBlock poll(long size) {
    long handle = pollHandle(size);
    return handle == NO_HANDLE ? null : block(handle, size);
  }

  @Override
  public long pollHandle(long size) {
    long handle = claimAtOnce(size, governor.alignment);
    return isHandle(handle) ? noted(handle) : NO_HANDLE;
  }

  @Override
  public long allocateHandle(long size) {
    return orThrow(claim(size, governor.alignment), size);
  }

  @Override
  public long allocateHandle(long size, long alignment) {
    if (governor.sizes.isVariable()) {
      VariableLayout.checkAlignment(alignment);
    } else {
      TierLayout.checkAlignment(name, alignment, governor.alignment);
    }
    return orThrow(claim(size, Math.max(alignment, governor.alignment)), size);
  }

  @Override
  public long tryAllocateHandle(long size) {
    long handle = claim(size, governor.alignment);
    if (isHandle(handle)) {
      return handle;
    }
    governor.countExhausted(handle, size, owner);
    return NO_HANDLE;
  }

  @Override
  public MemoryBlock allocate(long size, Duration timeout) throws InterruptedException {
    long handle = claim(size, governor.alignment);
    return block(isHandle(handle) ? handle : await(handle, size, timeout), size);
  }

  private long await(long code, long size, Duration timeout) throws InterruptedException {
    if (governor.isConfined()) {
      throw governor.exhausted(code, size, owner, "");
    }
    long nanos = nanos(timeout);
    long handle = governor.waiters.await((int) size, owner, nanos);
    if (handle == NO_HANDLE) {
      checkOpen();
      throw governor.exhausted(code, size, owner, " after waiting " + nanos / 1_000_000 + " ms");
    }
    events.tellUntold();
    return noted(handle);
  }

  /** A handle, NO_HANDLE, or {@link Governor#REFUSED}. */
  private long claim(long size, long alignment) {
    long handle = claimAtOnce(size, alignment);
    if (handle == NO_HANDLE && !governor.isConfined() && events.reclaim(size)) {
      handle = governor.claim(size, alignment, owner);
    }
    return noted(handle);
  }

  private long claimAtOnce(long size, long alignment) {
    governor.checkSize(size);
    DirectPath direct = governor.direct;
    long handle = direct == null ? NO_HANDLE : direct.claim(size, alignment, owner);
    return handle == NO_HANDLE ? claimCharged(size, alignment) : handle;
  }

  private long claimCharged(long size, long alignment) {
    long handle = governor.claim(size, alignment, owner);
    events.tellUntold();
    if (!isHandle(handle)) {
      checkOpen();
    }
    return handle;
  }

  /**
   * Keeps who has made an allocation, if it is a sample, and counts it for whose work is counted.
   */
  private long noted(long handle) {
    boolean isHandle = isHandle(handle);
    boolean isSample = isHandle && governor.isSample();
    if (isSample || (isHandle && governor.isNoted())) {
      governor.note(source(handle), index(handle), owner, isSample);
    }
    return handle;
  }

  private static boolean isHandle(long code) {
    return code != NO_HANDLE && code != Governor.REFUSED;
  }

  private long orThrow(long code, long size) {
    if (!isHandle(code)) {
      checkOpen();
      throw governor.exhausted(code, size, owner, "");
    }
    return code;
  }

  private MemoryBlock block(long handle, long size) {
    BlockSource source = source(handle);
    int index = index(handle);
    long word = source.word(index);
    if (word < 0) { // retired by closeNow() since it was claimed
      throw closedException();
    }
    MemoryBlock block = new MemoryBlock(source, index, (int) size, word);
    issued(block, handle);
    return block;
  }

  @Override
  public boolean isConfined() {
    return governor.isConfined();
  }

  @Override
  long alignment() {
    return governor.alignment;
  }

  @Override
  boolean isZeroed() {
    return governor.isZeroed;
  }

  @Override
  void hold(long handle) {
    governed(handle).hold(index(handle), handle);
  }

  @Override
  MemorySegment lent(long handle, long size) {
    Regions.One region = governor.regions.of(handle);
    return region != null
        ? region.pool.lent(handle, size)
        : source(handle).segment(index(handle), (int) size);
  }

  @Override
  void takeBack(long handle) {
    governed(handle).takeBack(index(handle), handle);
  }

  @Override
  void issued(MemoryBlock block, long handle) {
    if (governor.isChecked) {
      int index = index(handle);
      governed(handle).issued(block, index, source(handle).word(index));
    }
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    DirectPath direct = governor.direct;
    if (direct == null || !direct.free(handle)) {
      freeCharged(handle);
    }
  }

  private void freeCharged(long handle) {
    if (handle == NO_HANDLE) {
      return;
    }
    if (!gave(handle)) {
      throw foreign(handle);
    }
    BlockSource source = source(handle);
    int index = index(handle);
    long word = source.word(index);
    if (HandleFormat.names(handle, word)) {
      source.free(index, word);
    } else {
      source.refuseFree(index, HandleFormat.generation(handle));
    }
  }

  @Override
  public void free(long handle, long size) {
    if (handle != NO_HANDLE && gave(handle)) {
      BlockSource source = source(handle);
      int index = index(handle);
      long word = source.word(index);
      int actual = source.liveSize(index, word);
      if (HandleFormat.names(handle, word) && actual != size && actual >= 0) {
        throw wrongSize(handle, actual, size);
      }
    }
    free(handle);
  }

  @Override
  public void free(@Nullable MemorySegment segment) {
    if (segment == null) {
      return;
    }
    boolean wasDead = !segment.scope().isAlive();
    FallbackBlocks fallback = governor.fallback;
    long outside = fallback == null ? NO_HANDLE : fallback.handleAt(segment.address());
    if (fallback != null && outside != NO_HANDLE) {
      checkMayFree(segment, wasDead, fallback.isLent(index(outside)));
      free(outside);
      return;
    }
    for (Regions.One region : governor.regions.list()) {
      if (region.pool.contains(segment)) {
        long handle = region.pool.handleAt(segment);
        if (handle == NO_HANDLE) {
          region.pool.free(segment); // throws what is wrong with it
        } else {
          RegionBlocks blocks = region.pool.source(handle);
          blocks.checkThread();
          checkMayFree(segment, wasDead, blocks.isLent(region.pool.index(handle)));
          free(handle);
        }
        return;
      }
    }
    throw events.violation(
        InvalidFreeException.Reason.FOREIGN,
        "address 0x%x is not in pool '%s'".formatted(segment.address(), name));
  }

  @Override
  public boolean tryResize(long handle, long newSize) {
    if (!isLive(handle)) {
      throw notLive(handle);
    }
    BlockSource source = source(handle);
    int index = index(handle);
    return source.tryResize(index, source.word(index), newSize);
  }

  // --- live allocations -----------------------------------------------------------------------

  @Override
  boolean gave(long handle) {
    FallbackBlocks fallback = governor.fallback;
    Regions.One region = governor.regions.of(handle);
    return region != null ? region.pool.gave(handle) : fallback != null && fallback.gave(handle);
  }

  @Override
  BlockSource source(long handle) {
    Regions.One region = governor.regions.of(handle);
    if (region != null) {
      return region.blocksOf(handle);
    }
    FallbackBlocks fallback = governor.fallback;
    if (fallback == null) {
      throw notLive(handle);
    }
    return fallback;
  }

  private GovernedSource governed(long handle) {
    return (GovernedSource) source(handle);
  }

  @Override
  int index(long handle) {
    Regions.One region = governor.regions.of(handle);
    return region != null ? region.pool.block(handle) : FallbackBlocks.block(handle);
  }

  @Override
  String label(long handle) {
    Regions.One region = governor.regions.of(handle);
    return region == null ? "fallback" : region.pool.label(handle);
  }

  @Override
  long handleAt(MemorySegment segment) {
    FallbackBlocks fallback = governor.fallback;
    long outside = fallback == null ? NO_HANDLE : fallback.handleAt(segment.address());
    for (Regions.One region : governor.regions.list()) {
      if (region.pool.contains(segment)) {
        return region.pool.handleAt(segment);
      }
    }
    return outside;
  }

  @Override
  public boolean isLive(long handle) {
    return gave(handle) && HandleFormat.names(handle, source(handle).word(index(handle)));
  }

  private BlockSource live(long handle) {
    if (isLive(handle)) {
      return source(handle);
    }
    throw notLive(handle);
  }

  @Override
  public MemorySegment segment(long handle) {
    BlockSource source = live(handle);
    int index = index(handle);
    return source.segment(index, source.checkedSize(index, source.word(index)));
  }

  @Override
  public long offset(long handle) {
    live(handle);
    Regions.One region = governor.regions.of(handle);
    if (region == null || !governor.regions.isFixed()) {
      throw new IllegalStateException(
          "pool '%s' has its memory in several pieces: use segment(handle), offsets are for pools of one region"
              .formatted(name));
    }
    return region.pool.offset(handle);
  }

  @Override
  public long byteSize(long handle) {
    BlockSource source = live(handle);
    int index = index(handle);
    return source.checkedSize(index, source.word(index));
  }

  @Override
  public MemorySegment region() {
    Regions.One[] regions = governor.regions.list();
    if (!governor.regions.isFixed()) {
      throw new IllegalStateException(
          "pool '%s' has %d regions: use segment(handle)".formatted(name, regions.length));
    }
    return regions[0].pool.region();
  }

  // --- figures --------------------------------------------------------------------------------

  @Override
  public long maxSize() {
    return governor.maxSize();
  }

  @Override
  public int usedBlocks(long size) {
    governor.checkSize(size);
    return isClosed() ? 0 : governor.figures.usedBlocks(governor.sizes.tierFor(size));
  }

  @Override
  public int freeBlocks(long size) {
    governor.checkSize(size);
    return isClosed() ? 0 : governor.figures.freeBlocks(size);
  }

  @Override
  PoolListener.Exhaustion figures(long size) {
    return governor.figures.figures(size);
  }

  @Override
  public LeakReport report(Duration olderThan) {
    return governor.report(olderThan);
  }

  @Override
  public PoolStats stats() {
    return governor.figures.stats();
  }

  @Override
  public VerifyReport verify() {
    return governor.figures.verify();
  }

  @Override
  public String dump() {
    return PoolDump.of(this, stats());
  }

  // --- close ----------------------------------------------------------------------------------

  @Override
  public boolean isClosed() {
    return governor.regions.isShut();
  }

  @Override
  public void close() {
    governor.close();
  }

  @Override
  public void closeNow() {
    governor.closeNow();
  }
}
