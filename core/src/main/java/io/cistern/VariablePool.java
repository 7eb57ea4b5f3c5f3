package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A pool of blocks of any size, cut from one region.
 *
 * <pre>
 * allocate ──► claim ──► VariableBlocks.claim ──► Space.allocate
 *                └─► claimNoted, once a tick: timed, figures kept; always if blocks need care or somebody listens
 * free ──► VariableBlocks.release ──► Space.free
 * </pre>
 *
 * As in {@link TieredPool}, whatever is not done on every call hangs on one comparison of ticks.
 */
final class VariablePool extends RegionPool {
  private final VariableLayout layout;
  private final Region region;
  private final HandleFormat handles;
  private final VariableBlocks blocks;
  private final boolean confined;
  private final @Nullable Governor governor;
  private final boolean isWatched;
  private final long maxSize;
  private final long alignment;
  private final boolean zeroed;
  private final LongAdder failed = new LongAdder();

  VariablePool(MemoryPool.Builder builder) {
    this(builder, VariableLayout.of(builder));
  }

  private VariablePool(MemoryPool.Builder builder, VariableLayout layout) {
    super(builder, layout.regionBytes(), !builder.listeners.isEmpty());
    this.layout = layout;
    confined = builder.owner != null;
    governor = builder.governor;
    maxSize = layout.maxSize();
    alignment = builder.alignment;
    zeroed = builder.zeroing != Zeroing.OFF;
    isWatched = events.isExact();
    region = Region.take(layout.memoryBytes(), VariableLayout.MAX_ALIGNMENT);
    care.opened(region.memory);
    region.beforeGivenBack(care::closed);
    handles = new HandleFormat(region.id, 1);
    boolean opened = false;
    try {
      blocks = new VariableBlocks(this, handles, region.memory, layout, builder, care);
      opened = true;
    } finally {
      if (!opened) {
        region.giveBackNumber();
        region.giveBackMemory(name);
      }
    }
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
  public long pollHandle(long size) {
    return claim(size, alignment);
  }

  @Override
  public @Nullable MemoryBlock poll(long size) {
    long handle = claim(size, alignment);
    return handle == NO_HANDLE ? null : block(handle, size);
  }

  @Override
  public long allocateHandle(long size) {
    return orThrow(claim(size, alignment), size, alignment);
  }

  @Override
  public long allocateHandle(long size, long alignment) {
    VariableLayout.checkAlignment(alignment);
    long aligned = Math.max(alignment, this.alignment);
    return orThrow(claim(size, aligned), size, aligned);
  }

  private long orThrow(long handle, long size, long alignment) {
    return handle == NO_HANDLE ? reclaimedOrThrow(size, alignment) : handle;
  }

  private long reclaimedOrThrow(long size, long alignment) {
    long handle = reclaimed(size, alignment);
    if (handle == NO_HANDLE) {
      throw new PoolExhaustedException(events.exhausted(size, failed), "");
    }
    return handle;
  }

  /** Once more, after memory was freed for it; NO_HANDLE when none was. */
  private long reclaimed(long size, long alignment) {
    return !confined && events.reclaim(size) ? claim(size, alignment) : NO_HANDLE;
  }

  @Override
  public long tryAllocateHandle(long size) {
    long handle = claim(size, alignment);
    return handle == NO_HANDLE ? reclaimedOrNothing(size) : handle;
  }

  private long reclaimedOrNothing(long size) {
    long handle = reclaimed(size, alignment);
    if (handle == NO_HANDLE) {
      events.countExhausted(size, failed);
    }
    return handle;
  }

  @Override
  public MemoryBlock allocate(long size, Duration timeout) throws InterruptedException {
    long handle = claim(size, alignment);
    return block(handle == NO_HANDLE ? await(size, timeout) : handle, size);
  }

  private long await(long size, Duration timeout) throws InterruptedException {
    if (confined) {
      throw new PoolExhaustedException(events.exhausted(size, failed), "");
    }
    long nanos = nanos(timeout);
    long handle = blocks.await((int) size, nanos);
    if (handle == NO_HANDLE) {
      checkOpen();
      String waited = " after waiting " + nanos / 1_000_000 + " ms";
      throw new PoolExhaustedException(events.exhausted(size, failed), waited);
    }
    claimedFor(handle, size);
    observe();
    return handle;
  }

  /** A handle, or NO_HANDLE when there is no room. */
  private long claim(long size, long alignment) {
    checkSize(size);
    int tick = CoarseClock.ticks();
    long handle =
        tick == allocateTick
            ? blocks.claim(size, alignment, tick)
            : claimNoted(size, alignment, tick);
    if (handle == NO_HANDLE) {
      checkOpen();
    }
    return handle;
  }

  void checkSize(long size) {
    if (Long.compareUnsigned(size - 1, maxSize) >= 0) {
      throw refusedSize(size);
    }
  }

  private long claimNoted(long size, long alignment, int tick) {
    long start = allocateTime.start(tick);
    return claimed(blocks.claim(size, alignment, tick), size, tick, start);
  }

  @Override
  void noteFigures(long start) {
    if (isWatched || start != 0) {
      blocks.note();
      observe();
    }
  }

  /** Tells listeners when the use has crossed a level. */
  void observe() {
    if (governor != null) {
      governor.figures.observe(layout.regionBytes());
    } else if (events.hears(PoolListener.Kind.PRESSURE)) {
      events.follow(blocks::used);
    }
  }

  private MemoryBlock block(long handle, long size) {
    int index = handles.block(handle);
    long word = blocks.word(index);
    if (word < 0) { // retired by closeNow() since it was claimed
      throw closedException();
    }
    return new MemoryBlock(blocks, index, (int) size, word);
  }

  // --- free -----------------------------------------------------------------------------------

  @Override
  public void free(long handle) {
    if (handle == NO_HANDLE) {
      return;
    }
    if (!gave(handle)) {
      throw foreign(handle);
    }
    int index = handles.block(handle);
    long word = blocks.word(index);
    if (HandleFormat.names(handle, word)) {
      free(index, word);
    } else {
      blocks.refuseFree(index, HandleFormat.generation(handle));
    }
  }

  /** Frees the allocation that the word names, or throws. */
  void free(int index, long word) {
    if (!tryFree(index, word)) {
      blocks.deferOrRefuse(index, word, blocks);
    }
  }

  /** As {@link #free(int, long)}, but says false where that throws or does nothing. */
  boolean tryFree(int index, long word) {
    if (Blocks.isPinned(word)) {
      return false;
    }
    return CoarseClock.ticks() == freeTick
        ? blocks.release(index, word)
        : freeNoted(blocks, index, word);
  }

  @Override
  public void free(long handle, long size) {
    if (handle == NO_HANDLE) {
      return;
    }
    long actual = gave(handle) ? blocks.size(handles.block(handle)) : size;
    if (actual != size && isLive(handle)) {
      throw wrongSize(handle, actual, size);
    }
    free(handle);
  }

  @Override
  public void free(@Nullable MemorySegment segment) {
    if (segment == null) {
      return;
    }
    boolean wasDead = !segment.scope().isAlive();
    long position = position(segment);
    VariableBlocks.Place place = blocks.at(position);
    if (place != null && position == place.offset()) {
      blocks.checkThread();
      checkMayFree(segment, wasDead, blocks.isLent(place.index()));
      free(place.index(), place.word());
    } else if (place != null) {
      throw interior(
          segment,
          position - place.offset(),
          blocks.describe(place.index(), Blocks.generation(place.word())));
    } else if (!isClosed()) {
      throw events.violation(
          InvalidFreeException.Reason.DOUBLE_FREE,
          "no live block of pool '%s' is at address 0x%x".formatted(name, segment.address()));
    }
  }

  @Override
  public boolean tryResize(long handle, long newSize) {
    long word = gave(handle) ? blocks.word(handles.block(handle)) : 0;
    if (!HandleFormat.names(handle, word)) {
      throw notLive(handle);
    }
    return blocks.tryResize(handles.block(handle), word, newSize);
  }

  // --- live allocations -----------------------------------------------------------------------

  @Override
  boolean gave(long handle) {
    return handles.tier(handle) == 0 && blocks.isBlock(handles.block(handle));
  }

  @Override
  RegionBlocks source(long handle) {
    return blocks;
  }

  @Override
  RegionBlocks blocks(int tier) {
    return blocks;
  }

  @Override
  int tierCount() {
    return 1;
  }

  @Override
  long blockSize(int tier) {
    return maxSize;
  }

  @Override
  int tierOf(long handle) {
    return 0;
  }

  @Override
  int index(long handle) {
    return handles.block(handle);
  }

  @Override
  int block(long handle) {
    return handles.block(handle);
  }

  @Override
  int id() {
    return region.id;
  }

  @Override
  long claim(int tier, long size, long alignment) {
    return claim(size, Math.max(alignment, this.alignment));
  }

  @Override
  int used(int tier) {
    return blocks.live();
  }

  @Override
  long usedBytes(int tier) {
    return blocks.used();
  }

  @Override
  MemorySegment lent(long handle, long size) {
    return blocks.segment(handles.block(handle), (int) size);
  }

  @Override
  void hold(long handle) {
    int index = handles.block(handle);
    long word = blocks.word(index);
    if (!HandleFormat.names(handle, word) || !blocks.hold(index, word)) {
      throw closedException();
    }
  }

  @Override
  void takeBack(long handle) {
    takeBackSlow(blocks, handles.block(handle), handle);
  }

  @Override
  public boolean isConfined() {
    return confined;
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
    return blocks.allocations();
  }

  @Override
  Region taken() {
    return region;
  }

  @Override
  int mostBlocks(int tier) {
    return layout.maxBlocks();
  }

  @Override
  long releases(int firstTier, int lastTier) {
    return blocks.look().frees();
  }

  long granted(int index) {
    return layout.granted(blocks.size(index));
  }

  @Override
  String label(long handle) {
    return "";
  }

  @Override
  long handleAt(MemorySegment segment) {
    long position = position(segment);
    VariableBlocks.Place place = blocks.at(position);
    return place != null && place.offset() == position
        ? blocks.handle(place.index(), place.word())
        : NO_HANDLE;
  }

  @Override
  public boolean isLive(long handle) {
    return gave(handle) && HandleFormat.names(handle, blocks.word(handles.block(handle)));
  }

  private int liveIndex(long handle) {
    if (isLive(handle)) {
      return handles.block(handle);
    }
    throw notLive(handle);
  }

  @Override
  public MemorySegment segment(long handle) {
    int index = liveIndex(handle);
    return blocks.segment(index, blocks.size(index));
  }

  @Override
  public long offset(long handle) {
    return blocks.offset(liveIndex(handle));
  }

  @Override
  public long byteSize(long handle) {
    return blocks.size(liveIndex(handle));
  }

  // --- figures --------------------------------------------------------------------------------

  @Override
  public long maxSize() {
    return maxSize;
  }

  @Override
  public MemorySegment region() {
    return region.memory;
  }

  @Override
  public int usedBlocks(long size) {
    checkSize(size);
    return isClosed() ? 0 : blocks.live();
  }

  @Override
  public int freeBlocks(long size) {
    checkSize(size);
    return isClosed()
        ? 0
        : (int)
            Math.min(Integer.MAX_VALUE, blocks.look().space().largestFree() / layout.granted(size));
  }

  @Override
  PoolListener.Exhaustion figures(long size) {
    VariableBlocks.Figures now = blocks.look();
    long free = now.space().freeBytes();
    long total = layout.regionBytes();
    return new PoolListener.Exhaustion(
        name, size, layout.granted(size), now.space().largestFree(), free, total - free, total);
  }

  @Override
  public PoolStats stats() {
    VariableBlocks.Figures now = blocks.look();
    return new PoolStats(
        name,
        List.of(),
        PoolStats.Variable.of(layout.regionBytes(), now, failed.sum()),
        events.refused.sum(),
        events.violations.sum(),
        now.waiting(),
        layout.regionBytes(),
        blocks.metadataBytes() + care.metadataBytes(),
        events.pressure(layout.regionBytes() - now.space().freeBytes()),
        allocateTime.timing(),
        freeTime.timing(),
        PoolStats.Regions.ONE,
        null,
        List.of(),
        events.checks(region.memory.byteSize() - layout.regionBytes()));
  }

  @Override
  public VerifyReport verify() {
    List<String> findings = new ArrayList<>();
    if (isClosed()) {
      return new VerifyReport(name, 0, true, findings);
    }
    blocks.verify(findings);
    return new VerifyReport(name, blocks.live(), true, findings);
  }

  @Override
  public String dump() {
    return PoolDump.of(this, stats(), blocks);
  }

  @Override
  long usedBytes() {
    return isClosed() ? 0 : blocks.used();
  }

  @Override
  long blockBytes() {
    return layout.regionBytes();
  }

  @Override
  boolean isVariable() {
    return true;
  }

  @Override
  void setThresholds(double lowPercent, double criticalPercent) {
    events.setThresholds(lowPercent, criticalPercent);
  }

  // --- close ----------------------------------------------------------------------------------

  @Override
  public boolean isClosed() {
    return blocks.isShut();
  }

  @Override
  public void close() {
    close(false);
  }

  @Override
  public void closeNow() {
    close(true);
  }

  private void close(boolean live) {
    blocks.checkMayClose();
    switch (blocks.shut(live, region)) {
      case NOW -> region.giveBackNumber();
      case BEFORE -> {}
      case NOT_WHILE_LIVE ->
          throw new IllegalStateException(
              "pool '" + name + "' stays open: " + PoolDump.liveBlocks(blocks) + PoolDump.WHO);
    }
    region.giveBackMemory(name);
  }
}
