package io.cistern;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sampled allocations of one pool, of which those that are still live long after are suspected
 * leaks.
 *
 * <pre>
 * slow path of an allocation ──► isDue(tick) ──► sample(block) ──► a slot near the block's home
 *                            └─► isOver(tick): the fast path will do until the next tick
 * free ──► nothing: a trace is dead when its block's word says so
 * </pre>
 *
 * <p>A table of traces, hashed by block, made at the first sample. A trace goes into the first of 8
 * slots from its home that is empty or dead; where all 8 are live it takes the place of one of them
 * at random, so that old blocks that are meant to live for ever cannot keep new leaks out. What is
 * lost that way is counted:
 *
 * <pre>
 *   sampled = held and live + freed since + missed
 * </pre>
 *
 * (missed counts those that were live when they were lost; they may have been freed since.)
 *
 * <p>Each sample also moves a hand over 8 slots: it empties dead ones, and makes the stack of one
 * that is live for a second readable, so that no class loader is held on to. In a pool where
 * nothing is allocated any more the hand stands still, until a report.
 *
 * <p><b>Threads.</b> Any, without waiting: slots are set atomically, and the hand is moved by one
 * thread at a time, others pass by. <b>Cost</b> of a sample: some microseconds, most of it for the
 * stack, whether the table is full or not; bounded in number by {@link SampleBudget}.
 */
final class Suspects {
  static final int LEAST_SLOTS = 64;
  static final int MOST_SLOTS = 4096;

  /** A trace takes about a kilobyte, so that traces take a few percent of a pool at most. */
  private static final int BYTES_A_SLOT = 1 << 15;

  private static final int PROBES = 8;
  private static final int HAND = 8;
  private static final int MOST_SHARED = 512;
  private static final long READABLE_AFTER_MILLIS = 1000;
  private static final int TRACE_BYTES = 1000;
  private static final int GOLDEN = 0x9E37_79B9;

  private final SampleBudget budget;
  private final int mask;
  private final LongAdder missed = new LongAdder();
  private volatile @Nullable AtomicReferenceArray<@Nullable AllocationTrace> table;

  private final ReentrantLock turn = new ReentrantLock();

  // under the turn
  private final Map<List<StackTraceElement>, List<StackTraceElement>> shared = new HashMap<>();
  private int hand;

  /**
   * No suspects yet.
   *
   * @param budget decides which allocations are sampled
   * @param slots a power of two, at least 8
   */
  Suspects(SampleBudget budget, int slots) {
    this.budget = budget;
    this.mask = slots - 1;
  }

  /**
   * For a pool.
   *
   * @param perSecond most samples a second, 0 for none at all
   * @param blockBytes in all blocks of the pool
   * @param allocations of the pool so far
   */
  static Suspects of(int perSecond, long blockBytes, LongSupplier allocations) {
    long slots = Math.clamp(Long.highestOneBit(blockBytes / BYTES_A_SLOT), LEAST_SLOTS, MOST_SLOTS);
    return new Suspects(new SampleBudget(perSecond, allocations), (int) slots);
  }

  /** Whether the allocation that is being made is to be sampled; to be asked once for each. */
  boolean isDue(int tick) {
    return budget.isDue(tick);
  }

  /** Whether {@link #isDue} will say no until the next tick. */
  boolean isOver(int tick) {
    return budget.isOver(tick);
  }

  /**
   * Keeps who allocates a block.
   *
   * @param word of the allocation, as its owner knows it
   * @param label "" if none
   * @return what is kept
   */
  AllocationTrace sample(BlockSource source, int index, long word, String label) {
    AtomicReferenceArray<@Nullable AllocationTrace> slots = slots();
    AllocationTrace trace = new AllocationTrace(source, index, word, label, budget.span());
    AllocationTrace before = slots.getAndSet(place(slots, home(source, index)), trace);
    if (before != null && before.isLive()) {
      missed.increment();
    }
    moveHand(slots);
    return trace;
  }

  private AtomicReferenceArray<@Nullable AllocationTrace> slots() {
    AtomicReferenceArray<@Nullable AllocationTrace> slots = table;
    return slots != null ? slots : makeTable();
  }

  private AtomicReferenceArray<@Nullable AllocationTrace> makeTable() {
    turn.lock();
    try {
      if (table == null) {
        table = new AtomicReferenceArray<>(mask + 1);
      }
      return Objects.requireNonNull(table);
    } finally {
      turn.unlock();
    }
  }

  /** An empty or dead slot near the home; if there is none a live one, another each time. */
  private int place(AtomicReferenceArray<@Nullable AllocationTrace> slots, int home) {
    for (int probe = 0; probe < PROBES; probe++) {
      int at = (home + probe) & mask;
      AllocationTrace there = slots.get(at);
      if (there == null || !there.isLive()) {
        return at;
      }
    }
    int victim = (int) (((missed.sum() * GOLDEN) >>> 16) % PROBES);
    return (home + victim) & mask;
  }

  private void moveHand(AtomicReferenceArray<@Nullable AllocationTrace> slots) {
    if (!turn.tryLock()) {
      return;
    }
    try {
      boolean mayRead = true;
      for (int step = 0; step < HAND; step++) {
        hand = (hand + 1) & mask;
        mayRead &= !tidied(slots, hand, mayRead);
      }
    } finally {
      turn.unlock();
    }
  }

  /** Whether a stack was made readable. */
  private boolean tidied(
      AtomicReferenceArray<@Nullable AllocationTrace> slots, int at, boolean mayRead) {
    AllocationTrace trace = slots.get(at);
    if (trace == null) {
      return false;
    }
    if (!trace.isLive()) {
      slots.compareAndSet(at, trace, null);
      return false;
    }
    boolean read = mayRead && !trace.isReadable() && trace.ageMillis() >= READABLE_AFTER_MILLIS;
    if (read) {
      share(trace);
    }
    return read;
  }

  private void share(AllocationTrace trace) {
    if (shared.size() >= MOST_SHARED) {
      shared.clear();
    }
    List<StackTraceElement> frames = trace.frames();
    List<StackTraceElement> equal = shared.putIfAbsent(frames, frames);
    trace.share(equal == null ? frames : equal);
  }

  /** Those that are held and live now; empties the slots of those that are not. */
  Stream<AllocationTrace> live() {
    AtomicReferenceArray<@Nullable AllocationTrace> slots = table;
    if (slots == null) {
      return Stream.empty();
    }
    return IntStream.rangeClosed(0, mask)
        .mapToObj(at -> liveAt(slots, at))
        .flatMap(Stream::ofNullable);
  }

  private static @Nullable AllocationTrace liveAt(
      AtomicReferenceArray<@Nullable AllocationTrace> slots, int at) {
    AllocationTrace trace = slots.get(at);
    if (trace != null && !trace.isLive()) {
      slots.compareAndSet(at, trace, null);
      return null;
    }
    return trace;
  }

  /** Who made an allocation, if it is held; it lies near the block's home, if anywhere. */
  @Nullable AllocationTrace of(BlockSource source, int index, long word) {
    AtomicReferenceArray<@Nullable AllocationTrace> slots = table;
    for (int probe = 0; slots != null && probe < PROBES; probe++) {
      AllocationTrace there = slots.get((home(source, index) + probe) & mask);
      if (there != null && there.isOf(source, index, word)) {
        return there;
      }
    }
    return null;
  }

  private static int home(BlockSource source, int index) {
    return ((source.hashCode() + index) * GOLDEN) >>> 12;
  }

  /** The traces of blocks that are live for that long, by site, in a pool that uses so many. */
  LeakReport report(String pool, Duration olderThan, long used) {
    return LeakReport.of(pool, olderThan, false, live().toList(), used, missed(), List.of());
  }

  /** How many live traces were lost for want of room. */
  long missed() {
    return missed.sum();
  }

  /** Java heap taken by what is held now, in bytes, about. */
  long metadataBytes() {
    return table == null ? 0 : 4L * (mask + 1) + TRACE_BYTES * live().count();
  }
}
