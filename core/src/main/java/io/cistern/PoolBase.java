package io.cistern;

import io.cistern.InvalidFreeException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What pools of every kind do alike; nothing of it is on a fast path. */
abstract sealed class PoolBase implements MemoryPool
    permits RegionPool, RecordedPool, GovernedPool {
  private static final int MAX_LABEL = 100;
  private static final Duration LONGEST_WAIT = Duration.ofNanos(Long.MAX_VALUE / 2);

  final String name;
  final PoolEvents events;

  PoolBase(MemoryPool.Builder builder, long totalBytes) {
    this.name = builder.name;
    this.events =
        builder.governor != null
            ? builder.governor.events
            : new PoolEvents(builder, totalBytes, size -> figures(size));
  }

  /** For a pool that wraps another. */
  PoolBase(PoolBase wrapped) {
    this.name = wrapped.name;
    this.events = wrapped.events;
  }

  /** Who looks after the pool; null where nobody has to. */
  @Nullable Governor governor() {
    return null;
  }

  /** Bytes in used blocks now, without memory taken outside of the pool. */
  abstract long usedBytes();

  /** Bytes in all blocks there are now. */
  abstract long blockBytes();

  abstract boolean isVariable();

  abstract void setThresholds(double lowPercent, double criticalPercent);

  /** The figures of a request of this size that found no block. */
  abstract PoolListener.Exhaustion figures(long size);

  /** Whether the handle names one of this pool's blocks, of whatever generation. */
  abstract boolean gave(long handle);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String toString() {
    return isClosed()
        ? "pool '%s', closed".formatted(name)
        : "pool '%s', %,d of %,d B used".formatted(name, usedBytes(), blockBytes());
  }

  @Override
  public MemoryPool labelled(String label) {
    throw new IllegalStateException(
        "pool '%s' keeps no labels: build it with labels(), or 'labels = on' in a profile"
            .formatted(name));
  }

  @Override
  public MemoryPool chargedTo(Quota quota) {
    throw new IllegalStateException(
        "pool '%s' has no quotas: open it by a PoolManager that has".formatted(name));
  }

  static String checkLabel(String label) {
    if (label.isBlank()
        || label.length() > MAX_LABEL
        || !label.lines().skip(1).findAny().isEmpty()) {
      throw new IllegalArgumentException(
          "label '%s': must be one line of 1 to %d characters".formatted(label, MAX_LABEL));
    }
    return label;
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
  public void free(long[] handles, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, handles.length);
    RuntimeException first = null;
    for (int i = offset; i < offset + count; i++) {
      try {
        free(handles[i]);
        handles[i] = NO_HANDLE;
      } catch (InvalidFreeException | IllegalStateException refused) {
        first = first == null ? refused : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** A wait in nanoseconds, from 0 to 146 years. */
  static long nanos(Duration timeout) {
    return timeout.isNegative()
        ? 0
        : timeout.compareTo(LONGEST_WAIT) < 0 ? timeout.toNanos() : LONGEST_WAIT.toNanos();
  }

  final void checkOpen() {
    if (isClosed()) {
      throw closedException();
    }
  }

  final IllegalStateException closedException() {
    return new IllegalStateException("pool '" + name + "' is closed");
  }

  final RuntimeException notLive(long handle) {
    checkOpen();
    return new IllegalArgumentException(
        "handle 0x%016x names no live allocation of pool '%s'".formatted(handle, name));
  }

  final InvalidFreeException foreign(long handle) {
    return events.violation(
        Reason.FOREIGN, "handle 0x%016x is not of pool '%s'".formatted(handle, name));
  }

  final InvalidFreeException wrongSize(long handle, long actual, long size) {
    return events.violation(
        Reason.WRONG_SIZE,
        "handle 0x%016x of pool '%s' was allocated with %d B, not %d B"
            .formatted(handle, name, actual, size));
  }

  /** Where a segment starts in the region, or what is wrong with it. */
  final long position(MemorySegment segment) {
    MemorySegment region = region();
    long position = segment.isNative() ? segment.address() - region.address() : -1;
    if (position < 0 || position >= region.byteSize()) {
      throw events.violation(
          Reason.FOREIGN, "address 0x%x is not in pool '%s'".formatted(segment.address(), name));
    }
    return position;
  }

  /**
   * Refuses to free a live block by a segment that starts where it does, if the block is an
   * arena's, which alone may free it, or the segment is dead, and so another allocation's.
   *
   * @param wasDead before the block's word was read
   */
  final void checkMayFree(MemorySegment segment, boolean wasDead, boolean isLent) {
    if (isLent) {
      throw lent(segment);
    }
    if (wasDead && !isClosed()) {
      throw events.violation(
          Reason.STALE,
          "the segment at address 0x%x is dead: what it was of was freed, and its block has had another owner since"
              .formatted(segment.address()));
    }
  }

  private InvalidFreeException lent(MemorySegment segment) {
    return events.violation(
        Reason.FOREIGN,
        "address 0x%x of pool '%s' is an arena's: it is freed when the arena is closed"
            .formatted(segment.address(), name));
  }

  final InvalidFreeException interior(MemorySegment segment, long into, String block) {
    return events.violation(
        Reason.INTERIOR, "address 0x%x is byte %d of %s".formatted(segment.address(), into, block));
  }

  final IllegalArgumentException refusedSize(long size) {
    checkOpen();
    events.refused.increment();
    return new IllegalArgumentException(
        "size of %d B: pool '%s' serves from 1 to %d B".formatted(size, name, maxSize()));
  }

  @Override
  public final void addListener(PoolListener listener) {
    events.add(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public final void removeListener(PoolListener listener) {
    events.remove(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public final Operation track(String operation) {
    checkOpen();
    return events.operations.open(operation);
  }

  @Override
  public final Pin pin(long handle) {
    if (!isLive(handle)) {
      throw notLive(handle);
    }
    BlockSource source = source(handle);
    int index = index(handle);
    long word = source.word(index);
    Pin pin = HandleFormat.names(handle, word) ? Pin.of(source, index, word) : null;
    if (pin == null) {
      throw notLive(handle);
    }
    return pin;
  }

  /** The number of a handle's block in its source. */
  abstract int index(long handle);

  @Override
  public final Arena openArena() {
    return new ConfinedPoolArena(this);
  }

  @Override
  public final Arena openSharedArena() {
    if (isConfined()) {
      throw new IllegalStateException(
          "pool '%s' is confined to a thread: it has no arenas for others".formatted(name));
    }
    return new SharedPoolArena(this);
  }

  /** What blocks are aligned at, whatever is asked for, in bytes. */
  abstract long alignment();

  /** Whether memory that is handed out is zero. */
  abstract boolean isZeroed();

  /**
   * Allocates a block whose memory, zeroed, may be used after {@link #closeNow()} too, until {@link
   * #takeBack}. HotSpot inlines a recursion once, so with {@code calls} of 2 this is always a call.
   *
   * @return a handle
   * @throws IllegalStateException when the pool was closed meanwhile
   */
  final long lend(long size, int calls) {
    if (calls > 0) {
      return lend(size, calls - 1);
    }
    long handle = allocateHandle(size);
    hold(handle);
    if (!isZeroed()) {
      Zeroes.fillHeld(lent(handle, size));
    }
    return handle;
  }

  /** Notes that an allocation is lent; throws when the pool is closed, and the handle void. */
  abstract void hold(long handle);

  /** The first bytes of an allocation that was lent. */
  abstract MemorySegment lent(long handle, long size);

  /** Frees an allocation that was lent; never throws what is wrong with a free. */
  abstract void takeBack(long handle);

  // --- for a pool that wraps this one ---------------------------------------------------------

  /** Whose block a live handle names. */
  abstract BlockSource source(long handle);

  /** What the blocks like a live handle's are meant for, may be empty. */
  abstract String label(long handle);

  /** An owner has got an object for its allocation, which may be watched from now on. */
  void issued(MemoryBlock block, long handle) {}

  /** The live allocation that starts at a segment's address, or NO_HANDLE. */
  abstract long handleAt(MemorySegment segment);
}
