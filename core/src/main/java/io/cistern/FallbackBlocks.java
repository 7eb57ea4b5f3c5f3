package io.cistern;

import io.cistern.internal.Allowance;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Memory taken outside of the pools, bounded and counted: each allocation is a piece of memory of
 * its own, taken from the operating system and given back with its free. That costs some 50 µs,
 * most of it in the free; it is for what the pools were not sized for.
 *
 * <pre>
 * take ──► allowance ──► memory, zeroed ──► lock ──► number, word + 1 ──► unlock
 * free ──► lock ──► word still the owner's? ──► word: being freed ──► unlock
 *              ──► memory given back ──► lock ──► word + 1, number free ──► unlock ──► allowance
 * </pre>
 *
 * Whose an allocation is is said by a state word, as in {@link Blocks}; so double and stale frees
 * are seen here too. The allowance may be shared with other pools.
 */
final class FallbackBlocks extends BlockSource implements GovernedSource {
  static final int MOST_BLOCKS = 1 << HandleFormat.INDEX_BITS;
  private static final long NONE = MemoryPool.NO_HANDLE;
  private static final int FIRST = 16;

  /** One number and what it names; reused. */
  private static final class Slot {
    volatile long word;
    volatile int size;
    int tick;
    int owner;
    boolean held;
    int pins;
    boolean deferred;
    boolean lost;
    @Nullable AllocationTrace trace;
    LostBlocks.@Nullable Watch watch;
    @Nullable TakenMemory memory;

    Slot(long word) {
      this.word = word;
    }

    TakenMemory memory() {
      return Objects.requireNonNull(memory);
    }

    /** The allocation may be freed without its object, or is not live any more. */
    void unwatch() {
      if (watch != null) {
        watch.clear();
        watch = null;
      }
    }
  }

  private final String pool;
  private final Governor governor;
  private final Allowance allowance;
  private final int id = PoolIds.take();
  private final HandleFormat handles = new HandleFormat(id, 1);
  private final long firstWord = PoolIds.seed() << 1;
  private final ReentrantLock lock = new ReentrantLock();
  private final LongAdder allocations = new LongAdder();
  private final LongAdder frees = new LongAdder();

  /** Replaced by a longer one when it is full. */
  private volatile Slot[] slots = new Slot[0];

  /** Numbers that are free; under the lock, as is all that follows. */
  private int[] free = new int[0];

  private int freeCount;
  private int live;
  private int lost;
  private int peakLive;
  private long liveBytes;
  private boolean shut;

  /** What was live when this was shut, and could not be given back yet. */
  private final Deque<Slot> left = new ArrayDeque<>();

  FallbackBlocks(GovernedPool pool, Governor governor, Allowance allowance) {
    super(pool);
    this.pool = pool.name();
    this.governor = governor;
    this.allowance = allowance;
  }

  /** The most that one request may take. */
  long maxSize() {
    return Math.min(allowance.limit(), TierLayout.MAX_BLOCK);
  }

  /** A handle, or NONE when that would be beyond the limit, or the system has no memory. */
  long take(long size, long alignment, int owner) {
    if (!allowance.tryTake(size)) {
      return NONE;
    }
    TakenMemory memory = null;
    long handle = NONE;
    try {
      memory = TakenMemory.take(size, Math.max(alignment, 8));
      handle = enter(memory, (int) size, owner);
    } catch (OutOfMemoryError refused) {
      return NONE;
    } finally {
      if (handle == NONE) {
        if (memory != null) {
          giveBack(memory);
        }
        allowance.giveBack(size);
      }
    }
    return handle;
  }

  private long enter(TakenMemory memory, int size, int owner) {
    lock.lock();
    try {
      if (shut || (freeCount == 0 && slots.length == MOST_BLOCKS)) {
        return NONE;
      }
      if (freeCount == 0) {
        addSlots();
      }
      int index = free[--freeCount];
      Slot slot = slots[index];
      slot.size = size;
      slot.tick = CoarseClock.ticks();
      slot.owner = owner;
      slot.held = false;
      slot.pins = 0;
      slot.deferred = false;
      slot.trace = null;
      slot.memory = memory;
      long word = slot.word + 1;
      slot.word = word;
      live++;
      liveBytes += memory.byteSize();
      peakLive = Math.max(peakLive, live);
      allocations.increment();
      return handle(index, word);
    } finally {
      lock.unlock();
    }
  }

  private void addSlots() {
    Slot[] more = Arrays.copyOf(slots, Math.clamp(2L * slots.length, FIRST, MOST_BLOCKS));
    free = new int[more.length];
    for (int index = more.length - 1; index >= slots.length; index--) {
      more[index] = new Slot(firstWord);
      free[freeCount++] = index;
    }
    slots = more;
  }

  boolean gave(long handle) {
    return HandleFormat.pool(handle) == id && block(handle) < slots.length;
  }

  static int block(long handle) {
    return (int) (handle >>> 32) & (MOST_BLOCKS - 1);
  }

  /** Java heap taken, in bytes. */
  long metadataBytes() {
    return 80 + (4 + 32L) * slots.length + 4L * free.length;
  }

  @Override
  void free(int index, long word) {
    governor.checkThread();
    do {
      if (tryFree(index, word) || defer(index, word)) {
        return;
      }
    } while (word(index) == word); // it was pinned or unpinned meanwhile
    refuseFree(index, word);
  }

  @Override
  boolean pin(int index, long word) {
    lock.lock();
    try {
      Slot slot = slots[index];
      if (shut || slot.word != word) {
        return false;
      }
      slot.pins++;
      slot.held = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the free was put off, since the block is pinned. */
  private boolean defer(int index, long word) {
    int pins;
    lock.lock();
    try {
      Slot slot = slots[index];
      pins = slot.pins;
      if (shut || slot.word != word || pins == 0) {
        return false;
      }
      slot.deferred = true;
      slot.word = Blocks.beingReleased(word);
    } finally {
      lock.unlock();
    }
    governor.events.freeDeferred(
        new PoolListener.DeferredFree(
            pool, describe(index, Blocks.generation(word)), slots[index].size, pins));
    return true;
  }

  @Override
  void unpin(int index) {
    Slot slot = slots[index];
    boolean deferred;
    boolean isShut;
    lock.lock();
    try {
      if (--slot.pins > 0) {
        return;
      }
      isShut = shut;
      if (!isShut) {
        slot.held = false;
      }
      deferred = slot.deferred;
      slot.deferred = false;
    } finally {
      lock.unlock();
    }
    if (isShut) {
      giveBackLeft(slot);
    } else if (deferred) {
      finishFree(index, slot.word);
    }
  }

  /** The word is marked as being freed already. */
  @Override
  void finishFree(int index, long marked) {
    free(index, marked, slots[index].memory());
  }

  /** Frees the allocation that the word names; false when it is not live. */
  boolean tryFree(int index, long word) {
    TakenMemory memory = begin(index, word);
    if (memory == null) {
      return false;
    }
    free(index, word, memory);
    return true;
  }

  private void free(int index, long word, TakenMemory memory) {
    int owner = slots[index].owner;
    boolean given = false;
    try {
      giveBack(memory);
      given = true;
    } finally {
      if (!given) {
        stays(index, word);
      }
    }
    end(index, word, memory.byteSize());
    allowance.giveBack(memory.byteSize());
    governor.freed(owner, GovernedSizes.FALLBACK, memory.byteSize());
  }

  /** Waits while I/O is under way on it, up to 10 seconds. */
  private static void giveBack(TakenMemory memory) {
    memory.giveBack(() ->
        "I/O is still under way on %d B of fallback memory after %d s: it stays allocated"
            .formatted(memory.byteSize(), TakenMemory.GIVE_BACK_LIMIT.toSeconds()));
  }

  private @Nullable TakenMemory begin(int index, long word) {
    lock.lock();
    try {
      Slot slot = slots[index];
      if (shut || !Blocks.isOwned(word) || slot.word != word || slot.pins > 0) {
        return null;
      }
      slot.word = Blocks.beingReleased(word);
      return slot.memory;
    } finally {
      lock.unlock();
    }
  }

  private void end(int index, long word, long bytes) {
    lock.lock();
    try {
      Slot slot = slots[index];
      slot.unwatch();
      slot.memory = null;
      slot.word = Blocks.released(word);
      free[freeCount++] = index;
      live--;
      liveBytes -= bytes;
      frees.increment();
    } finally {
      lock.unlock();
    }
  }

  /** It could not be given back: it is its owner's again, who may try again. */
  private void stays(int index, long word) {
    lock.lock();
    try {
      Slot slot = slots[index];
      slot.word = shut ? Blocks.retired(word) : word;
      if (word < 0) { // a free that was put off, and is so again
        slot.deferred = true;
        slot.pins = 1;
        slot.held = !shut;
      }
      if (shut) {
        left.add(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes the rest of the pool if nothing is live here, and then this too; in between nothing can
   * be taken. If the rest throws, all stays as it is.
   *
   * @throws IllegalStateException when something is live
   */
  void shutIfIdle(Runnable rest) {
    boolean isFirst;
    lock.lock();
    try {
      if (!shut && live > lost) {
        throw new IllegalStateException(
            "pool '%s' stays open: %d live blocks in fallback memory (oldest %.2f s)%s"
                .formatted(pool, live - lost, oldestMillis() / 1000.0, PoolDump.WHO));
      }
      rest.run();
      isFirst = !shut;
      shut = true;
      retire(); // what is lost
    } finally {
      lock.unlock();
    }
    if (isFirst) {
      PoolIds.giveBack(id);
      giveBackLeft();
    }
  }

  /**
   * From here on nothing is handed out; what is live is given back. Those who wait are not served.
   *
   * @throws IllegalStateException when I/O is still under way on something after 10 seconds;
   *     calling again tries again
   */
  void shut() {
    retireAll();
    giveBackLeft();
  }

  private void giveBackLeft() {
    for (Slot slot = nextLeft(); slot != null; slot = nextLeft()) {
      giveBackLeft(slot);
    }
  }

  private void giveBackLeft(Slot slot) {
    TakenMemory memory = slot.memory();
    boolean given = false;
    try {
      giveBack(memory);
      given = true;
    } finally {
      if (!given) {
        stillLeft(slot);
      }
    }
    allowance.giveBack(memory.byteSize());
    governor.credit(slot.owner, GovernedSizes.FALLBACK, memory.byteSize());
  }

  @Override
  public void hold(int index, long handle) {
    lock.lock();
    try {
      Slot slot = slots[index];
      if (!HandleFormat.names(handle, slot.word)) {
        throw new IllegalStateException("pool '" + pool + "' is closed");
      }
      slot.held = true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a live block is an arena's, which alone may free it. */
  boolean isLent(int index) {
    lock.lock();
    try {
      return slots[index].held && slots[index].pins == 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void takeBack(int index, long handle) {
    long word = word(index);
    if (!HandleFormat.names(handle, word) || !tryFree(index, word)) {
      giveBackLeft(slots[index]);
    }
  }

  private void retireAll() {
    lock.lock();
    try {
      if (shut) {
        return;
      }
      shut = true;
      retire();
    } finally {
      lock.unlock();
    }
    PoolIds.giveBack(id);
  }

  private void retire() {
    for (Slot slot : slots) {
      boolean isLeft = Blocks.isOwned(slot.word) || slot.deferred || slot.lost;
      if ((slot.word & 1) != 0 && isLeft) {
        slot.unwatch();
        slot.word = Blocks.retired(slot.word);
        if (!slot.held) {
          left.add(slot);
        }
      }
    }
  }

  private @Nullable Slot nextLeft() {
    lock.lock();
    try {
      return left.poll();
    } finally {
      lock.unlock();
    }
  }

  private void stillLeft(Slot slot) {
    lock.lock();
    try {
      left.add(slot);
    } finally {
      lock.unlock();
    }
  }

  @Override
  long word(int index) {
    return slots[index].word;
  }

  @Override
  long handle(int index, long word) {
    return handles.handle(0, index, Blocks.generation(word));
  }

  @Override
  MemorySegment segment(int index, int size) {
    TakenMemory memory = slots[index].memory;
    if (memory == null) {
      throw new IllegalStateException("the block was freed");
    }
    return memory.segment().asSlice(0, size);
  }

  @Override
  ByteBuffer byteBuffer(int index, int size) {
    return segment(index, size).asByteBuffer();
  }

  @Override
  int liveSize(int index, long word) {
    return word(index) == word ? slots[index].size : -1;
  }

  /** Up to what was asked for at first: never beyond the memory that it has. */
  @Override
  boolean tryResize(int index, long word, long size) {
    governor.checkSize(size);
    governor.checkThread();
    lock.lock();
    try {
      Slot slot = slots[index];
      if (slot.word != word) {
        throw notLive(index, word);
      }
      if (size > slot.memory().byteSize()) {
        return false;
      }
      slot.size = (int) size;
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  String describe(int index, int generation) {
    return "fallback block %d, generation %d, of pool '%s'"
        .formatted(index, Integer.toUnsignedLong(generation), pool);
  }

  /** The live block that starts at an address, or NONE; walks all. */
  long handleAt(long address) {
    lock.lock();
    try {
      for (int index = 0; index < slots.length; index++) {
        Slot slot = slots[index];
        if (Blocks.isOwned(slot.word) && slot.memory().segment().address() == address) {
          return handle(index, slot.word);
        }
      }
      return NONE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public AllocationTrace trace(int index, String label) {
    AllocationTrace trace = new AllocationTrace(this, index, word(index), label, null);
    lock.lock();
    try {
      slots[index].trace = trace;
    } finally {
      lock.unlock();
    }
    return trace;
  }

  /** Who has made those allocations that are live and of which that is kept. */
  Stream<AllocationTrace> traces() {
    lock.lock();
    try {
      return Arrays.stream(slots)
          .filter(slot -> Blocks.isOwned(slot.word))
          .flatMap(slot -> Stream.ofNullable(slot.trace))
          .toList()
          .stream();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void issued(MemoryBlock block, int index, long word) {
    lock.lock();
    try {
      Slot slot = slots[index];
      if (slot.word == word) {
        slot.unwatch();
        slot.watch = governor.events.lost.watch(block, this, index, word, slot.trace);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  void named(int index) {
    lock.lock();
    try {
      slots[index].unwatch();
    } finally {
      lock.unlock();
    }
  }

  /** Its memory stays taken until the pool is closed. */
  @Override
  boolean lose(int index, long word) {
    lock.lock();
    try {
      Slot slot = slots[index];
      if (shut || !Blocks.isOwned(word) || slot.word != word || slot.pins > 0) {
        return false;
      }
      slot.word = Blocks.beingReleased(word);
      slot.lost = true;
      lost++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  boolean isPinned(int index, long word) {
    lock.lock();
    try {
      return slots[index].word == word && slots[index].pins > 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long granted(int index) {
    return slots[index].memory().byteSize();
  }

  int live() {
    lock.lock();
    try {
      return live;
    } finally {
      lock.unlock();
    }
  }

  long oldestMillis() {
    lock.lock();
    try {
      long oldest = 0;
      for (Slot slot : slots) {
        if (Blocks.isOwned(slot.word)) {
          oldest = Math.max(oldest, CoarseClock.millisSince(slot.tick));
        }
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  PoolStats.Fallback stats() {
    lock.lock();
    try {
      return new PoolStats.Fallback(
          allowance.limit(), liveBytes, live, peakLive, allocations.sum(), frees.sum());
    } finally {
      lock.unlock();
    }
  }

  void verify(List<String> findings) {
    lock.lock();
    try {
      int owned = 0;
      long bytes = 0;
      for (Slot slot : slots) {
        if ((slot.word & 1) != 0) {
          owned++;
          bytes += slot.memory().byteSize();
        }
      }
      if (!shut && (owned != live || bytes != liveBytes || bytes > allowance.taken())) {
        findings.add(
            "fallback: %d blocks of %d B have an owner, %d of %d B are counted, %d B are taken"
                .formatted(owned, bytes, live, liveBytes, allowance.taken()));
      }
    } finally {
      lock.unlock();
    }
  }
}
