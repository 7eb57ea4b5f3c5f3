package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The check levels CHECKED and GUARDED, for the blocks of one region.
 *
 * <p><b>Idea.</b> Every byte of the region that no owner may write to holds one pattern: free
 * blocks, what a block has beyond the size that was asked for, and the red zones between blocks. So
 * there is one invariant, and nothing has to change when a block changes hands but its own bytes:
 *
 * <pre>
 * a byte outside of [position, position + size) of each used block = poison
 *
 * claimed     the block and its red zone are whole? else somebody wrote to it after it was freed
 * releasing   the red zones on both sides are whole? else somebody wrote beyond its ends; then poison again
 * </pre>
 *
 * Damage is reported once, where it is found, and mended.
 *
 * <p>Each block has a record: who allocated it and who freed it last. At level GUARDED the record
 * also has the scope of the segments that were given out for the present allocation, which the free
 * closes. Objects of live allocations are watched for the collector ({@link LostBlocks}).
 */
final class Checks extends BlockCare {
  private static final int VERIFY_AGAIN = 10;
  private static final int VERIFY_PAUSES = 6;

  /** What is known of a block. */
  private static final class Known {
    final RegionBlocks blocks;
    final int index;
    volatile long word;
    volatile int size;
    volatile boolean live;
    volatile @Nullable AllocationTrace allocated;
    volatile @Nullable AllocationTrace freed;
    volatile @Nullable Arena scope;
    volatile LostBlocks.@Nullable Watch watched;

    Known(RegionBlocks blocks, int index) {
      this.blocks = blocks;
      this.index = index;
    }

    /** The allocation may be freed without its object, or is not live any more. */
    void unwatch() {
      LostBlocks.Watch watch = watched;
      if (watch != null) {
        watch.clear();
        watched = null;
      }
    }
  }

  private final CheckSettings settings;
  private final Zeroing zeroing;
  private final PoolEvents events;
  private final Poison poison;
  private final Map<Integer, Known> records = new ConcurrentHashMap<>();

  Checks(CheckSettings settings, Zeroing zeroing, PoolEvents events) {
    this.settings = settings;
    this.zeroing = zeroing;
    this.events = events;
    this.poison = new Poison(settings.poison());
    if (settings.level() == CheckLevel.GUARDED) {
      NativeAccess.check("check level GUARDED");
    }
  }

  @Override
  boolean isOnAllocate() {
    return true;
  }

  @Override
  boolean isOnFree() {
    return true;
  }

  @Override
  void opened(MemorySegment region) {
    poison.fill(region, 0, region.byteSize());
  }

  /** Looks once more at what was freed: it is not handed out again. */
  @Override
  void closed() {
    for (Known known : records.values()) {
      if (!known.live) {
        long start = known.blocks.position(known.index);
        long end = start + known.blocks.extent(known.index);
        mend(known.blocks, known.index, Damage.Kind.WRITE_AFTER_FREE, start, end, known);
      }
      Arena scope = known.scope;
      if (scope != null) {
        TakenMemory.close(
            scope,
            () ->
                "pool '%s' is closed, but I/O is still under way on a block of it: call closeNow() again"
                    .formatted(events.pool));
        known.scope = null;
      }
    }
  }

  private static Integer key(RegionBlocks blocks, int index) {
    return (int) (blocks.handle(index, 0) >>> 32) & ((1 << HandleFormat.INDEX_BITS) - 1);
  }

  private Known known(RegionBlocks blocks, int index) {
    return records.computeIfAbsent(key(blocks, index), unknown -> new Known(blocks, index));
  }

  // --- a new owner ----------------------------------------------------------------------------

  @Override
  void claimed(RegionBlocks blocks, int index, int size) {
    events.lost.collect();
    Known known = known(blocks, index);
    long start = blocks.position(index);
    mend(blocks, index, Damage.Kind.WRITE_AFTER_FREE, start, start + blocks.extent(index), known);
    known.live = true;
    if (zeroing != Zeroing.OFF) {
      zero(blocks, index, 0, size);
    }
    known.unwatch();
    known.size = size;
    known.word = blocks.word(index);
    known.allocated = null;
    known.scope = settings.level() == CheckLevel.GUARDED ? Arena.ofShared() : null;
  }

  /** The calling thread is the one that gets the block, which may have been claimed for it. */
  AllocationTrace trace(RegionBlocks blocks, int index, String label) {
    Known known = known(blocks, index);
    AllocationTrace trace = new AllocationTrace(blocks, index, known.word, label, null);
    known.allocated = trace;
    return trace;
  }

  /** The block's owner has got an object for it, which is to be watched from now on. */
  void issued(MemoryBlock block, RegionBlocks blocks, int index, long word) {
    Known known = known(blocks, index);
    if (known.word == word) {
      known.unwatch();
      known.watched = events.lost.watch(block, blocks, index, word, known.allocated);
    }
  }

  /** The allocation may be freed without that object. */
  void unwatch(RegionBlocks blocks, int index) {
    known(blocks, index).unwatch();
  }

  /** The block's memory for its owner; at level GUARDED it dies with the allocation. */
  MemorySegment guarded(RegionBlocks blocks, int index, MemorySegment memory) {
    Arena scope = known(blocks, index).scope;
    return scope == null ? memory : NativeAccess.reinterpret(memory, scope, "check level GUARDED");
  }

  // --- no owner any more ----------------------------------------------------------------------

  @Override
  void releasing(RegionBlocks blocks, int index, int size) {
    Known known = known(blocks, index);
    endScope(known);
    long start = blocks.position(index);
    long end = start + size;
    int zone = settings.redZoneBytes();
    mend(blocks, index, Damage.Kind.UNDERFLOW, Math.max(0, start - zone), start, known);
    mend(blocks, index, Damage.Kind.OVERFLOW, end, start + blocks.extent(index), known);
    poison.fill(blocks.memory(), start, end);
    known.live = false;
    known.unwatch();
    known.freed = new AllocationTrace(blocks, index, known.word, "", null);
  }

  private static void endScope(Known known) {
    Arena scope = known.scope;
    if (scope != null) {
      scope.close(); // throws while I/O is under way
      known.scope = null;
    }
  }

  @Override
  void shrinking(RegionBlocks blocks, int index, int from, int to) {
    known(blocks, index).size = to;
    long start = blocks.position(index);
    poison.fill(blocks.memory(), start + to, start + from);
  }

  @Override
  void grown(RegionBlocks blocks, int index, int from, int to) {
    Known known = known(blocks, index);
    long start = blocks.position(index);
    mend(blocks, index, Damage.Kind.OVERFLOW, start + from, start + to, known);
    known.size = to;
    if (zeroing != Zeroing.OFF) {
      zero(blocks, index, from, to);
    }
  }

  // --- damage ---------------------------------------------------------------------------------

  private void mend(
      RegionBlocks blocks, int index, Damage.Kind kind, long from, long to, Known known) {
    MemorySegment memory = blocks.memory();
    if (!poison.isWhole(memory, from, to)) {
      Poison.Range range = poison.damage(memory, from, to);
      poison.fill(memory, from, to);
      events.damaged(damage(blocks, index, kind, range, known));
    }
  }

  private Damage damage(
      RegionBlocks blocks, int index, Damage.Kind kind, Poison.Range range, Known known) {
    long start = blocks.position(index);
    AllocationTrace allocated = known.allocated;
    AllocationTrace freed = kind == Damage.Kind.WRITE_AFTER_FREE ? known.freed : null;
    return new Damage(
        events.pool,
        kind,
        blocks.describe(index, Blocks.generation(known.word)),
        known.size,
        range.first() - start,
        range.last() - start,
        frames(allocated),
        frames(freed));
  }

  /**
   * Damage in memory that is nobody's. What is being claimed or freed looks damaged for a moment:
   * so it is looked for again, some milliseconds later.
   */
  void verify(RegionPool pool, List<String> findings) {
    events.lost.collect();
    List<String> found = look(pool);
    for (int again = 0; again < VERIFY_AGAIN && !found.isEmpty(); again++) {
      LockSupport.parkNanos(1_000_000L << Math.min(again, VERIFY_PAUSES));
      List<String> now = look(pool);
      found = found.stream().filter(now::contains).toList();
    }
    findings.addAll(found);
  }

  private record Place(long start, long end, String block) {}

  /** Nothing where the region was given back meanwhile. */
  private List<String> look(RegionPool pool) {
    try {
      return damages(pool);
    } catch (IllegalStateException gone) {
      if (pool.isClosed()) {
        return List.of();
      }
      throw gone;
    }
  }

  private List<String> damages(RegionPool pool) {
    List<String> found = new ArrayList<>();
    long from = 0;
    String before = "the start of the region";
    for (Place place : places(pool)) {
      damages(pool.region(), from, place.start, before, found);
      from = Math.max(from, place.end);
      before = place.block;
    }
    damages(pool.region(), from, pool.region().byteSize(), before, found);
    return found;
  }

  private void damages(
      MemorySegment region, long from, long to, String before, List<String> found) {
    if (from < to && !poison.isWhole(region, from, to)) {
      Poison.Range range = poison.damage(region, from, to);
      found.add(
          freed(range)
              .orElseGet(() ->
                  "bytes %d to %d behind %s are nobody's, and were written to"
                      .formatted(range.first() - from + 1, range.last() - from + 1, before)));
    }
  }

  /** What is to be said of damage that begins in a block that was freed. */
  private Optional<String> freed(Poison.Range range) {
    return records.values().stream()
        .filter(known -> !known.live)
        .filter(known -> {
          long start = known.blocks.position(known.index);
          return range.first() >= start && range.first() < start + known.size;
        })
        .findFirst()
        .map(known ->
            damage(known.blocks, known.index, Damage.Kind.WRITE_AFTER_FREE, range, known)
                .toString());
  }

  /** Where used blocks lie, in that order. */
  private static List<Place> places(RegionPool pool) {
    List<Place> places = new ArrayList<>();
    for (int tier = 0; tier < pool.tierCount(); tier++) {
      RegionBlocks blocks = pool.blocks(tier);
      for (int index = 0; index < blocks.count(); index++) {
        long word = blocks.word(index);
        int size = blocks.liveSize(index, word);
        if ((word & 1) != 0 && size > 0) {
          long start = blocks.position(index);
          places.add(
              new Place(start, start + size, blocks.describe(index, Blocks.generation(word))));
        }
      }
    }
    places.sort(Comparator.comparingLong(Place::start));
    return places;
  }

  // --- what is known --------------------------------------------------------------------------

  /** Who freed a block last, as the cause of a complaint; null if nobody did. */
  @Nullable Throwable lastFree(RegionBlocks blocks, int index) {
    Known known = records.get(key(blocks, index));
    AllocationTrace freed = known == null ? null : known.freed;
    if (freed == null) {
      return null;
    }
    Throwable here = new Throwable("freed by thread '" + freed.thread() + "' here");
    here.setStackTrace(freed.frames().toArray(StackTraceElement[]::new));
    return here;
  }

  /** Who made an allocation, or null. */
  @Nullable AllocationTrace of(RegionBlocks blocks, int index, long word) {
    Known known = records.get(key(blocks, index));
    AllocationTrace trace = known == null ? null : known.allocated;
    return trace != null && trace.isOf(blocks, index, word) ? trace : null;
  }

  private static List<StackTraceElement> frames(@Nullable AllocationTrace trace) {
    return trace == null ? List.of() : trace.frames();
  }

  /** Every live allocation. */
  Stream<AllocationTrace> live() {
    return records.values().stream()
        .map(known -> known.allocated)
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .filter(AllocationTrace::isLive);
  }

  @Override
  long metadataBytes() {
    return 96L * records.size();
  }
}
