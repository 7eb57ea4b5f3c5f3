package io.cistern;

import io.cistern.internal.Allowance;
import io.cistern.internal.Space;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of off-heap memory, in tiers of equal blocks or, where sizes vary too much for
 * that, in {@linkplain Builder#variable blocks of any size}. All memory is reserved when the pool
 * is built; after that a request either gets the smallest block that fits, spills to a larger tier
 * where the pool allows it, or is refused. Nothing is ever taken from elsewhere.
 *
 * {@snippet :
 * try (MemoryPool pool = MemoryPool.builder().tier(256, 32).tier(4096, 8).build();
 *     MemoryBlock block = pool.allocate(200)) {
 *   block.segment().setString(0, "hello");
 * }
 * }
 *
 * <p>An allocation is named either by a {@link MemoryBlock} or, without any object, by a
 * <em>handle</em>: 64 bits that hold the pool (8), the block index (24) and the block's generation
 * (32). 0 is no handle. A freed handle is not valid again until its block has been reused
 * 2<sup>32</sup> times; a {@code MemoryBlock} keeps the whole generation and is exact for ever.
 *
 * <p><b>Threads.</b> Unless the pool is {@linkplain Builder#confinedTo confined}, every method may
 * be called by any thread, virtual ones too, and a block may be freed by another thread than its
 * allocator. What an owner wrote before it freed a block happens-before what the next owner of that
 * block reads.
 *
 * <p><b>Cost.</b> Allocate, free and a refused allocation take a time that does not depend on the
 * number of blocks. The handle form makes no garbage.
 *
 * <p><b>Capacity is a promise.</b> If k blocks that a request may take are free, k such requests
 * succeed: a request is refused only if there was a moment during the call at which none was free.
 */
public sealed interface MemoryPool extends AutoCloseable permits PoolBase {
  /** The handle that names no allocation. Freeing it does nothing. */
  long NO_HANDLE = 0;

  /**
   * Starts a pool.
   *
   * @return a builder with no tier yet
   */
  static Builder builder() {
    return new Builder();
  }

  /**
   * The pool's name.
   *
   * @return as given to the builder, "pool" by default
   */
  String name();

  /**
   * The largest size that can be asked for.
   *
   * @return bytes: the block size of the largest tier
   */
  long maxSize();

  /**
   * Allocates a block.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return a block whose segment is exactly {@code size} bytes long
   * @throws PoolExhaustedException when no block that the request may take is free
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  MemoryBlock allocate(long size);

  /**
   * Allocates a block, or gives null at once when there is none.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return a block, or null when no block that the request may take is free
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  @Nullable MemoryBlock tryAllocate(long size);

  /**
   * As {@link #tryAllocate}, for who has somewhere else to ask: that there is no block is no
   * failure. Nothing is counted, logged or told, and no reclaimer is asked.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return a block, or null when no block that the request may take is free
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  @Nullable MemoryBlock poll(long size);

  /**
   * Allocates a block and waits for one if need be. Waiters are served first come, first served: a
   * freed block goes to the longest waiter that can use it. A waiting virtual thread releases its
   * carrier.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @param timeout how long to wait at most; zero or less does not wait
   * @return a block
   * @throws PoolExhaustedException when the time is up
   * @throws InterruptedException when the thread is interrupted before it was handed a block
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed, also while waiting
   */
  MemoryBlock allocate(long size, Duration timeout) throws InterruptedException;

  /**
   * Allocates a block that starts at a multiple of a number.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @param alignment bytes, a power of two: up to 4096 in a pool of variable size, up to the
   *     builder's alignment in a pool of tiers
   * @return a block whose segment is exactly {@code size} bytes long
   * @throws PoolExhaustedException when no block that the request may take is free
   * @throws IllegalArgumentException when the size or the alignment is out of range
   * @throws IllegalStateException when the pool is closed
   */
  MemoryBlock allocate(long size, long alignment);

  /**
   * Allocates a block and names it by a handle. Makes no garbage.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return the handle, never {@link #NO_HANDLE}
   * @throws PoolExhaustedException when no block that the request may take is free
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  long allocateHandle(long size);

  /**
   * Allocates a block that starts at a multiple of a number, and names it by a handle.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @param alignment bytes, as for {@link #allocate(long, long)}
   * @return the handle, never {@link #NO_HANDLE}
   * @throws PoolExhaustedException when no block that the request may take is free
   * @throws IllegalArgumentException when the size or the alignment is out of range
   * @throws IllegalStateException when the pool is closed
   */
  long allocateHandle(long size, long alignment);

  /**
   * Allocates a block and names it by a handle, or gives {@link #NO_HANDLE} at once when there is
   * none.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return the handle or {@link #NO_HANDLE}
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  long tryAllocateHandle(long size);

  /**
   * As {@link #tryAllocateHandle}, for who has somewhere else to ask: that there is no block is no
   * failure. Nothing is counted, logged or told, and no reclaimer is asked.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return a handle, or {@link #NO_HANDLE} when no block that the request may take is free
   * @throws IllegalArgumentException when the size is out of range
   * @throws IllegalStateException when the pool is closed
   */
  long pollHandle(long size);

  /**
   * Allocates several blocks of one size in one call, as many as can be had up to a number.
   *
   * @param size bytes of each, from 1 to {@link #maxSize()}
   * @param handles gets the handles
   * @param offset where the first one goes
   * @param count how many are wanted
   * @return how many were had; fewer than {@code count} only when the pool is exhausted
   * @throws IllegalArgumentException when the size is out of range
   * @throws IndexOutOfBoundsException when the array has no {@code count} elements from {@code
   *     offset} on
   * @throws IllegalStateException when the pool is closed
   */
  int tryAllocateHandles(long size, long[] handles, int offset, int count);

  /**
   * The same pool, for allocations of one source: what is allocated through it is counted under a
   * label, until it is freed, through whichever of them. Make one for each place that allocates,
   * and keep it; closing it closes the pool.
   *
   * @param label one line of 1 to 100 characters
   * @return the same pool
   * @throws IllegalStateException when the pool keeps no labels ({@link Builder#labels()})
   */
  MemoryPool labelled(String label);

  /**
   * The same pool, for allocations that a quota pays for, in whole blocks, until they are freed.
   * Make one for each owner, and keep it; closing it closes the pool.
   *
   * @param quota of the manager that opened the pool
   * @return the same pool; an allocation that is beyond the quota throws {@link
   *     QuotaExceededException}, or returns nothing where it is only tried
   * @throws IllegalStateException when the pool was not opened by a manager with quotas
   */
  MemoryPool chargedTo(Quota quota);

  /**
   * The memory of a live allocation.
   *
   * @param handle from this pool
   * @return a segment exactly as long as what was asked for
   * @throws IllegalArgumentException when the handle names no live allocation of this pool
   */
  MemorySegment segment(long handle);

  /**
   * Where a live allocation lies in {@link #region()}; with it, memory is reached without making a
   * segment.
   *
   * @param handle from this pool
   * @return offset in bytes from the start of the region
   * @throws IllegalArgumentException when the handle names no live allocation of this pool
   */
  long offset(long handle);

  /**
   * How many bytes were asked for.
   *
   * @param handle from this pool
   * @return bytes
   * @throws IllegalArgumentException when the handle names no live allocation of this pool
   */
  long byteSize(long handle);

  /**
   * Whether a handle names a live allocation of this pool.
   *
   * @param handle any value
   * @return true while the allocation is live
   */
  boolean isLive(long handle);

  /**
   * All memory of the pool, in one piece. Access through it is checked against the region's bounds
   * only, not against a block's: use {@link #segment(long)} unless every nanosecond counts.
   *
   * @return the region
   */
  MemorySegment region();

  /**
   * Frees an allocation by its handle. {@link #NO_HANDLE} is ignored.
   *
   * @param handle from this pool
   * @throws InvalidFreeException DOUBLE_FREE, STALE or FOREIGN; nothing is changed
   */
  void free(long handle);

  /**
   * Frees several allocations in one call. Each element that was freed becomes {@link #NO_HANDLE};
   * the others keep their value.
   *
   * @param handles from this pool; {@link #NO_HANDLE} is ignored
   * @param offset of the first one
   * @param count how many
   * @throws InvalidFreeException as {@link #free(long)}, for the first handle that is refused,
   *     after all the others were freed
   * @throws IndexOutOfBoundsException when the array has no {@code count} elements from {@code
   *     offset} on
   */
  void free(long[] handles, int offset, int count);

  /**
   * Frees an allocation by its handle and checks its size.
   *
   * @param handle from this pool; {@link #NO_HANDLE} is ignored
   * @param size the bytes that were asked for
   * @throws InvalidFreeException WRONG_SIZE when the size is another one, or as {@link
   *     #free(long)}; nothing is changed
   */
  void free(long handle, long size);

  /**
   * Frees the allocation whose block starts at a segment's address. For diagnosis and for code that
   * kept nothing but the address: an address cannot tell a block's present owner from an earlier
   * one, so unlike the other forms this one cannot detect a stale free. Null is ignored.
   *
   * @param segment starts where a live block of this pool starts
   * @throws InvalidFreeException FOREIGN, INTERIOR or DOUBLE_FREE; nothing is changed
   */
  void free(@Nullable MemorySegment segment);

  /**
   * Opens an arena over the pool, for code that takes an {@link Arena} or a {@link
   * java.lang.foreign.SegmentAllocator}. Confined to the calling thread.
   *
   * <p>Its segments come from blocks of the pool: zeroed, aligned as asked, exactly as long as
   * asked, and dead once the arena is closed; then all its blocks are free. A segment takes what a
   * block of its size takes; alignments beyond the builder's may take a larger one. What the pool
   * refuses is thrown from {@code allocate}: a {@link PoolExhaustedException}, or an {@link
   * IllegalArgumentException} for what is larger than {@link #maxSize()}; fallback memory serves
   * what it may. After {@link #closeNow()} an open arena's segments stay usable, and the memory is
   * given back when the last such arena is closed.
   *
   * <p>Needs native access ({@code --enable-native-access}): without, Java warns, or denies it with
   * an exception that names the flag.
   *
   * @return an open arena
   * @throws IllegalStateException when the pool is closed
   */
  Arena openArena();

  /**
   * Opens an arena over the pool that all threads may use and any may close; see {@link
   * #openArena()}. Closing it takes some 50 &micro;s, as with {@link Arena#ofShared()}: every
   * thread has to be asked whether it is just using a segment.
   *
   * @return an open arena
   * @throws IllegalStateException when the pool is closed, or confined to a thread
   */
  Arena openSharedArena();

  /**
   * Keeps an allocation's memory for I/O or native code; see {@link MemoryBlock#pin()}.
   *
   * @param handle from this pool
   * @return a pin, to be closed
   * @throws IllegalArgumentException when the handle names no live allocation of this pool
   */
  Pin pin(long handle);

  /**
   * Changes an allocation's size in place: the memory stays where it is, and so does what is in it,
   * up to the smaller size. In a pool of tiers there is room up to the block's size; in a pool of
   * variable size up to the next used block. Segments taken before keep their length.
   *
   * @param handle from this pool
   * @param newSize bytes, from 1 to {@link #maxSize()}
   * @return false when there is no room where the block lies; then nothing was changed
   * @throws IllegalArgumentException when the size is out of range, or the handle names no live
   *     allocation of this pool
   */
  boolean tryResize(long handle, long newSize);

  /**
   * How many blocks of one tier are used: that which a request of this size takes first. Far
   * cheaper than {@link #stats()}: some tens of nanoseconds, no lock and no garbage. In a pool of
   * variable size: all that are used.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return blocks; exact when nothing is allocated or freed meanwhile, 0 once the pool is closed
   * @throws IllegalArgumentException when the size is out of range
   */
  int usedBlocks(long size);

  /**
   * How many blocks of one tier are free: that which a request of this size takes first. As cheap
   * as {@link #usedBlocks}. In a pool of variable size: how many fit into the largest free piece,
   * at least.
   *
   * @param size bytes, from 1 to {@link #maxSize()}
   * @return blocks; exact when nothing is allocated or freed meanwhile, 0 once the pool is closed
   * @throws IllegalArgumentException when the size is out of range
   */
  int freeBlocks(long size);

  /**
   * Who holds blocks for long: allocations that are still live, by the place in the program that
   * made them, most bytes first. From a sample of all allocations ({@link Builder#leakSamples}), or
   * of all of them in a pool that is {@link CheckLevel#CHECKED}.
   *
   * @param olderThan how long they must have been live
   * @return the report; its text is for people
   */
  LeakReport report(Duration olderThan);

  /**
   * Counts what the calling thread, and others that are {@linkplain Operation#include included},
   * allocate and free in this pool until the operation is closed, which logs the change. Meanwhile
   * every allocation and free takes some tens of nanoseconds more.
   *
   * @param operation what the work is called: one line of 1 to 100 characters
   * @return an operation, to be closed
   */
  Operation track(String operation);

  /**
   * Has somebody hear of slow-path events from now on, without any cost for the fast paths. May be
   * called at any time, by any thread, under load; one that is added twice hears twice. A view of
   * the pool ({@link #labelled}, {@link #chargedTo}) has the listeners of the pool.
   *
   * <p>Unlike a {@linkplain Builder#listener listener of the builder}, which has a pool of small
   * tiers look at its levels with every operation, one that comes later hears of a {@linkplain
   * PoolListener#onPressureChanged level} that has changed with the first operations after a clock
   * tick of 10 ms.
   *
   * @param listener called on the thread that causes an event
   */
  void addListener(PoolListener listener);

  /**
   * Has a listener hear no more of events that begin after this call. Events that were being told
   * when it was made may still arrive.
   *
   * @param listener that was added, or given to the builder; one that was not is ignored
   */
  void removeListener(PoolListener listener);

  /**
   * A snapshot of all figures. Takes no lock.
   *
   * @return the snapshot
   */
  PoolStats stats();

  /**
   * Walks everything (states, hints, counters) and reports what does not fit together. Takes time
   * in proportion to the number of blocks; allocations that need the slow path wait meanwhile.
   *
   * @return the report
   */
  VerifyReport verify();

  /**
   * A readable state dump: the figures of every tier and the oldest live blocks.
   *
   * @return several lines
   */
  String dump();

  /**
   * Whether the pool has been closed.
   *
   * @return true once {@link #close()} or {@link #closeNow()} has succeeded
   */
  boolean isClosed();

  /**
   * Whether the pool serves one thread alone ({@link Builder#confinedTo}).
   *
   * @return true when every other thread is refused
   */
  boolean isConfined();

  /**
   * Closes the pool and gives its region back. Closing a closed pool does nothing.
   *
   * @throws IllegalStateException when blocks are live: their number, sizes and ages are in the
   *     message, and the pool stays open
   */
  @Override
  void close();

  /**
   * Closes the pool at once, live blocks or not: freeing such a block does nothing from now on, and
   * its segments throw {@link IllegalStateException} on access, once the memory is given back: at
   * once, unless an {@linkplain #openArena() arena} or a {@link Pin} still uses some of it. While
   * I/O is under way on a segment the memory cannot be given back; this method then waits for it,
   * up to 10 seconds.
   *
   * @throws IllegalStateException when I/O is still under way after that time; the pool is closed
   *     for allocation, and calling again tries again
   */
  void closeNow();

  /** Collects what a pool is made of. Not safe for use by several threads. */
  final class Builder {
    private static final int MOST_REGIONS = 200;
    private static final int MOST_SAMPLES = 100_000;

    String name = "pool";
    final List<TierSpec> tiers = new ArrayList<>();
    Spill spill = Spill.NEXT;
    Zeroing zeroing = Zeroing.OFF;
    long alignment = 8;
    double lowPercent = 80;
    double criticalPercent = 95;
    final List<PoolListener> listeners = new ArrayList<>();
    @Nullable Thread owner;
    long variableBytes;
    int variableBlocks = Space.MOST_BLOCKS;
    @Nullable Path trace;
    long traceLimit;
    boolean labels;
    boolean resizable;
    boolean sharesFallback;
    boolean enabled = true;
    long reserveBytes;
    long fallbackBytes;
    @Nullable Allowance sharedFallback;
    int leastRegions = 1;
    int mostRegions = 1;
    Duration idle = Duration.ofSeconds(30);
    @Nullable Quota quotas;
    @Nullable Allowance budget;
    @Nullable Governor governor;
    int leakSamples = 1000;
    CheckSettings checks = CheckSettings.of(CheckLevel.STANDARD);

    private Builder() {}

    /** A builder of its own, for a pool of that name. */
    Builder copy(String newName) {
      Builder copy = builder().name(newName).spill(spill).zeroing(zeroing).alignment(alignment);
      copy.tiers.addAll(tiers);
      copy.listeners.addAll(listeners);
      copy.owner = owner;
      copy.variableBytes = variableBytes;
      copy.variableBlocks = variableBlocks;
      copy.trace = trace;
      copy.traceLimit = traceLimit;
      copy.labels = labels;
      copy.resizable = resizable;
      copy.sharesFallback = sharesFallback;
      copy.enabled = enabled;
      copy.reserveBytes = reserveBytes;
      copy.fallbackBytes = fallbackBytes;
      copy.sharedFallback = sharedFallback;
      copy.leastRegions = leastRegions;
      copy.mostRegions = mostRegions;
      copy.idle = idle;
      copy.quotas = quotas;
      copy.budget = budget;
      copy.checks = checks;
      copy.leakSamples = leakSamples;
      return copy.thresholds(lowPercent, criticalPercent);
    }

    record TierSpec(long size, int count, String label) {}

    /**
     * Names the pool, for messages and statistics.
     *
     * @param name not blank
     * @return this
     */
    public Builder name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException(
            "name is blank: give the pool a name that messages can show");
      }
      this.name = name;
      return this;
    }

    /**
     * Adds a tier.
     *
     * @param size bytes of a block, from 1 to 1 GiB; tiers may come in any order, but no size twice
     * @param count number of blocks, at least 1
     * @return this
     */
    public Builder tier(long size, int count) {
      return tier(size, count, "");
    }

    /**
     * Adds a tier that says what it is meant for.
     *
     * @param size bytes of a block, from 1 to 1 GiB; tiers may come in any order, but no size twice
     * @param count number of blocks, at least 1
     * @param label shown in statistics and dumps
     * @return this
     */
    public Builder tier(long size, int count, String label) {
      tiers.add(new TierSpec(size, count, Objects.requireNonNull(label, "label")));
      return this;
    }

    /**
     * Makes it a pool of blocks of any size, instead of tiers: one region from which each request
     * gets exactly its bytes, rounded up to 8. What is freed joins what is free on both sides at
     * once, so that after {@code free} of n bytes n bytes can be allocated. Slower than tiers, and
     * it can fragment: for sizes that tiers would waste too much on.
     *
     * @param bytes of the region, from 1 to 16 GiB, rounded up to 8; one request may take all of it
     *     up to 1 GiB
     * @return this
     */
    public Builder variable(long bytes) {
      return variable(bytes, Space.MOST_BLOCKS);
    }

    /**
     * As {@link #variable(long)}, with a bound on the bookkeeping: 56 bytes on the Java heap for
     * each block that was ever live at the same time.
     *
     * @param bytes of the region, from 1 to 16 GiB, rounded up to 8
     * @param maxBlocks most blocks live at a time, from 1 to 16,777,216
     * @return this
     */
    public Builder variable(long bytes, int maxBlocks) {
      if (bytes == 0) {
        throw new IllegalArgumentException("variable region of 0 B: at least 1 is needed");
      }
      this.variableBytes = bytes;
      this.variableBlocks = maxBlocks;
      return this;
    }

    /**
     * What happens when the fitting tier has no free block.
     *
     * @param spill {@link Spill#NEXT} by default
     * @return this
     */
    public Builder spill(Spill spill) {
      this.spill = Objects.requireNonNull(spill, "spill");
      return this;
    }

    /**
     * When memory is zeroed.
     *
     * @param zeroing {@link Zeroing#OFF} by default
     * @return this
     */
    public Builder zeroing(Zeroing zeroing) {
      this.zeroing = Objects.requireNonNull(zeroing, "zeroing");
      return this;
    }

    /**
     * Every block starts at a multiple of this. Blocks whose size is not a multiple of it are
     * spaced further apart.
     *
     * @param bytes a power of two from 1 to 4096; 8 by default
     * @return this
     */
    public Builder alignment(long bytes) {
      this.alignment = bytes;
      return this;
    }

    /**
     * At which use a tier, and the pool as a whole, is {@link PressureLevel#LOW} and {@link
     * PressureLevel#CRITICAL}.
     *
     * @param lowPercent above 0; 80 by default
     * @param criticalPercent above {@code lowPercent}, at most 100; 95 by default
     * @return this
     */
    public Builder thresholds(double lowPercent, double criticalPercent) {
      this.lowPercent = lowPercent;
      this.criticalPercent = criticalPercent;
      return this;
    }

    /**
     * Confines the pool to one thread, an event loop's for instance: it alone may allocate, free
     * and close, without a single atomic operation; any other thread gets a {@link
     * WrongThreadException}. Figures may be read by all. Such a pool never waits, since nobody else
     * could free: {@link MemoryPool#allocate(long, Duration)} fails at once when it is exhausted.
     *
     * @param owner the only thread that may use the pool
     * @return this
     */
    public Builder confinedTo(Thread owner) {
      this.owner = Objects.requireNonNull(owner, "owner");
      return this;
    }

    /**
     * Confines the pool to the calling thread; see {@link #confinedTo}.
     *
     * @return this
     */
    public Builder confined() {
      return confinedTo(Thread.currentThread());
    }

    /**
     * Adds a listener for slow-path events.
     *
     * @param listener called on the thread that causes an event
     * @return this
     */
    public Builder listener(PoolListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Records every allocation, resize and free to a trace file, which {@code cistern replay} and
     * {@code cistern tune} read; up to 1 GiB, some 60 million operations.
     *
     * @param file to write to; what is in it is lost
     * @return this
     * @see #recordTo(Path, long)
     */
    public Builder recordTo(Path file) {
      return recordTo(file, 1L << 30);
    }

    /**
     * Records every allocation, resize and free to a trace file. Nothing that was recorded is lost
     * when the process dies. An operation takes a lock and some 100 ns more, and a {@link
     * MemoryBlock} becomes an object. When the disk is full or the limit is reached the recording
     * ends with a warning in the log, and the pool goes on.
     *
     * @param file to write to; what is in it is lost
     * @param limitBytes of the file, at least 1 MiB
     * @return this
     */
    public Builder recordTo(Path file, long limitBytes) {
      if (limitBytes < 1 << 20) {
        throw new IllegalArgumentException(
            "trace limit of " + limitBytes + " B: must be at least 1 MiB");
      }
      this.trace = Objects.requireNonNull(file, "file");
      this.traceLimit = limitBytes;
      return this;
    }

    /**
     * How many allocations a second are sampled, at most, for {@link MemoryPool#report}: of these
     * it is kept who made them, some 1 KB each while they are live. A sample takes a few
     * microseconds; those that are not sampled pay nothing that could be measured.
     *
     * @param perSecond from 0, for none, to 100,000; 1000 by default
     * @return this
     */
    public Builder leakSamples(int perSecond) {
      if (perSecond < 0 || perSecond > MOST_SAMPLES) {
        throw new IllegalArgumentException(
            "%d leak samples a second: must be from 0 to %d".formatted(perSecond, MOST_SAMPLES));
      }
      this.leakSamples = perSecond;
      return this;
    }

    /**
     * How much the pool checks.
     *
     * @param level {@link CheckLevel#STANDARD} by default
     * @return this
     */
    public Builder checks(CheckLevel level) {
      return checks(CheckSettings.of(level));
    }

    /**
     * How much the pool checks, and with which dimensions.
     *
     * @param settings level, red zone, pattern and quarantine
     * @return this
     */
    public Builder checks(CheckSettings settings) {
      this.checks = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /**
     * Keeps for each block under which label it was allocated ({@link MemoryPool#labelled}): 4
     * bytes a block, and some 40 ns for each pair of allocate and free.
     *
     * @return this
     */
    public Builder labels() {
      this.labels = true;
      return this;
    }

    /**
     * Keeps bytes of each tier, in whole blocks, or of the region, for quotas marked critical:
     * others find the pool exhausted when no more than that is left.
     *
     * @param bytes of each tier, 0 or more; 0 by default
     * @return this
     */
    public Builder reserve(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("reserve of " + bytes + " B: must be 0 or more");
      }
      this.reserveBytes = bytes;
      return this;
    }

    /**
     * Takes memory outside of the pool for what it cannot serve, because it is exhausted or the
     * request is larger than its blocks: a piece of its own for each, zeroed, given back when it is
     * freed, which takes some 50 &micro;s. At no moment is more of it live than this.
     *
     * @param bytes that may be live, 0 or more; 0, which means none, by default
     * @return this
     */
    public Builder fallback(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("fallback of " + bytes + " B: must be 0 or more");
      }
      this.fallbackBytes = bytes;
      return this;
    }

    /**
     * Lets the pool have from so many to so many regions, each with all its tiers, or of all its
     * variable size. It takes one more when it would be exhausted otherwise, or soon will be, and
     * gives those back that were idle for a while; see docs/pools.md. Without this it has one, for
     * ever.
     *
     * @param least 0 or more
     * @param most at least {@code least} and 1, at most 200
     * @param idle how long a region must have been idle to be given back
     * @return this
     */
    public Builder regions(int least, int most, Duration idle) {
      checkRegions(least, most, idle);
      this.leastRegions = least;
      this.mostRegions = most;
      this.idle = idle;
      return this;
    }

    /**
     * Lets {@link PoolManager#setCount} change how many blocks a tier has, while the pool is used;
     * costs some 30 ns for each pair of allocate and free.
     *
     * @return this
     */
    public Builder resizable() {
      this.resizable = true;
      return this;
    }

    /**
     * As {@link #fallback(long)}, within one limit for all such pools of a manager ({@link
     * PoolManager.Builder#fallbackBytes}).
     *
     * @return this
     */
    public Builder sharedFallback() {
      this.sharesFallback = true;
      return this;
    }

    /**
     * Whether the pool takes memory at all; if not, every allocation goes to {@link
     * #fallback(long)}, with the same checks and figures.
     *
     * @param enabled true by default
     * @return this
     */
    public Builder enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }

    /** What bounds the memory outside of the pool; null when there is to be none. */
    @Nullable Allowance fallback() {
      return sharesFallback || fallbackBytes == 0 ? sharedFallback : new Allowance(fallbackBytes);
    }

    /** Bytes that the pool takes when it is opened. */
    long openingBytes() {
      return enabled ? Math.multiplyExact(regionBytes(), leastRegions) : 0;
    }

    /** Bytes that the pool may come to have, without fallback memory. */
    long mostBytes() {
      return enabled ? Math.multiplyExact(regionBytes(), mostRegions) : 0;
    }

    static void checkRegions(int least, int most, Duration idle) {
      if (least < 0 || most < Math.max(least, 1) || most > MOST_REGIONS || idle.isNegative()) {
        throw new IllegalArgumentException(
            "from %d to %d regions, idle for %s: must be 0 <= least <= most, most from 1 to %d, and no negative time"
                .formatted(least, most, idle, MOST_REGIONS));
      }
    }

    /** Whether more is wanted than a region's blocks. */
    private boolean isGoverned() {
      return labels
          || resizable
          || !enabled
          || reserveBytes > 0
          || fallback() != null
          || leastRegions != 1
          || mostRegions != 1
          || quotas != null
          || checks.isChecked();
    }

    /** Whether it is a pool of blocks of any size. */
    boolean isVariable() {
      return variableBytes != 0;
    }

    /**
     * The memory that {@link #build()} would reserve.
     *
     * @return bytes
     * @throws IllegalArgumentException as {@link #build()}
     */
    public long regionBytes() {
      return isVariable() ? VariableLayout.of(this).regionBytes() : TierLayout.nominalBytes(this);
    }

    private PoolBase open() {
      if (isGoverned()) {
        return new GovernedPool(this);
      }
      return isVariable() ? new VariablePool(this) : new TieredPool(this);
    }

    /**
     * Reserves the region and opens the pool.
     *
     * @return an open pool
     * @throws IllegalArgumentException when the tiers or options are not valid: the message says
     *     which value and what is allowed
     * @throws IllegalStateException when 255 pools are open already, which is what a handle can
     *     tell apart
     * @throws OutOfMemoryError when the operating system refuses the memory
     * @throws java.io.UncheckedIOException when a trace file cannot be written
     */
    public MemoryPool build() {
      PoolBase pool = open();
      if (trace == null) {
        return OpenPools.add(pool);
      }
      boolean recorded = false;
      try {
        RecordedPool recording = new RecordedPool(pool, trace, traceLimit);
        recorded = true;
        return OpenPools.add(recording);
      } finally {
        if (!recorded) {
          pool.close();
        }
      }
    }
  }
}
