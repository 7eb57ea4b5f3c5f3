package io.cistern;

import io.cistern.internal.BiasedLock;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import io.cistern.internal.Space;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a {@link VariablePool}: where they lie is {@link Space}'s business, whose they are
 * is said by one state word a block, as in {@link Blocks}.
 *
 * <pre>
 * claim ────► lock ──► Space.allocate ──► note, offset, word + 1 ──► unlock
 * release ──► lock ──► word still the owner's? ──► word + 1, Space.free ──► serve waiters ──► unlock
 * </pre>
 *
 * <p><b>Threads.</b> Everything is changed under one {@link BiasedLock}, which costs its usual user
 * no atomic. A record is read without it: the word tells whether the rest belongs to the allocation
 * that the reader means, and the rest does not change while that is live, but for the size.
 *
 * <p>A block's record is two longs; there are as many records as blocks were ever live at once,
 * doubled when they run out:
 *
 * <pre>
 *   +0  state word
 *   +1  requested size (low 32 bits) | tick of allocation (high 32 bits)
 * </pre>
 *
 * <p><b>Waiting</b> is first come, first served in the strict sense: memory that becomes free is
 * the longest waiter's as soon as it suffices, and until then nobody's; else a large request could
 * wait for ever behind small ones.
 */
final class VariableBlocks extends RegionBlocks {
  private static final long NONE = MemoryPool.NO_HANDLE;
  private static final VarHandle RECORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int LONGS = 2;
  private static final int NOTE = 1;
  private static final int FIRST_RECORDS = 64;

  /** In a record's note, beside the size. */
  private static final long HELD = 1L << 31;

  /** More than threads can wait. */
  private static final int SHUT = 1 << 30;

  private static final int LOOKS = 3;
  private static final int BLOCKS_A_TICK = 1000;

  private final VariablePool pool;
  private final HandleFormat handles;
  private final MemorySegment memory;
  private final Space space;
  private final int most;
  private final VariableLayout layout;
  private final BlockCare care;
  private final long alignment;
  private final long firstWord = PoolIds.seed() << 1;
  private final BiasedLock lock;
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

  /** How many wait, or {@link #SHUT}: while it is not 0, newcomers get nothing. */
  private int queued;

  private volatile long[] records;

  /** Live blocks that nobody will free. */
  private int lost;

  private long allocations;
  private long frees;
  private long requested;
  private long granted;
  private long leastFree;
  private volatile Figures noted;
  private int walkTick;
  private volatile boolean shut;

  /**
   * What changes with every operation, of one moment.
   *
   * @param allocations so far
   * @param frees so far
   * @param requested bytes, over all allocations
   * @param granted bytes, over all allocations
   * @param leastFree fewest bytes ever free
   * @param waiting threads
   * @param space what is free now
   * @param freeBytesByPower see {@link Space#freeBytesByPower}; this may be older
   */
  record Figures(
      long allocations,
      long frees,
      long requested,
      long granted,
      long leastFree,
      int waiting,
      Space.Figures space,
      List<Long> freeBytesByPower) {}

  VariableBlocks(
      VariablePool pool,
      HandleFormat handles,
      MemorySegment memory,
      VariableLayout layout,
      MemoryPool.Builder builder,
      BlockCare care) {
    super(pool);
    this.pool = pool;
    this.handles = handles;
    this.memory = memory;
    this.space = new Space(layout.regionBytes(), layout.granule(), layout.maxBlocks());
    this.most = layout.maxBlocks();
    this.layout = layout;
    this.care = care;
    this.alignment = builder.alignment;
    this.lock = new BiasedLock(builder.owner);
    this.records = longer(new long[0], Math.min(FIRST_RECORDS, most));
    this.leastFree = space.freeBytes();
    this.noted = figures(freeBytesByPower());
  }

  // --- claim ----------------------------------------------------------------------------------

  /** A handle, or NONE when there is no room, or others wait for it. */
  long claim(long size, long alignment, int tick) {
    boolean plain = lock.lock();
    try {
      return queued == 0 ? take(size, alignment, tick) : NONE;
    } finally {
      lock.unlock(plain);
    }
  }

  /** Under the lock. */
  private long take(long size, long alignment, int tick) {
    int block = space.allocate(size, alignment);
    if (block == Space.NONE) {
      return NONE;
    }
    long[] all = records;
    int at = LONGS * block;
    if (at >= all.length) {
      all = grow(block);
    }
    long word = all[at];
    all[at + NOTE] = Blocks.note(size, tick);
    RECORDS.setRelease(all, at, word + 1);
    allocations++;
    requested += size;
    granted += space.granted(size);
    long free = space.freeBytes();
    if (free < leastFree) {
      leastFree = free;
    }
    return handle(block, word);
  }

  private long[] grow(int block) {
    boolean grown = false;
    try {
      long[] more = longer(records, (int) Math.min(2L * block, most));
      records = more;
      grown = true;
      return more;
    } finally {
      if (!grown) {
        space.free(block);
      }
    }
  }

  private long[] longer(long[] present, int count) {
    long[] more = Arrays.copyOf(present, LONGS * count);
    for (int at = present.length; at < more.length; at += LONGS) {
      more[at] = firstWord;
    }
    return more;
  }

  // --- release --------------------------------------------------------------------------------

  /** Whether the word was still the block's; then the block is free, or another waiter's. */
  @Override
  boolean release(int index, long word) {
    boolean plain = lock.lock();
    try {
      long[] all = records;
      int at = LONGS * index;
      if (all[at] != word) {
        return false;
      }
      RECORDS.setRelease(all, at, Blocks.released(word));
      space.free(index);
      frees++;
      if (queued != 0) {
        serve();
      }
      return true;
    } finally {
      lock.unlock(plain);
    }
  }

  /**
   * The block's word while it is zeroed before others may have it; 0 when it is not the owner's.
   */
  @Override
  long beginRelease(int index, long word) {
    boolean plain = lock.lock();
    try {
      if (!Blocks.isOwned(word) || records[LONGS * index] != word) {
        return 0;
      }
      RECORDS.setRelease(records, LONGS * index, Blocks.beingReleased(word));
      return Blocks.beingReleased(word);
    } finally {
      lock.unlock(plain);
    }
  }

  @Override
  boolean swap(int index, long from, long to) {
    boolean plain = lock.lock();
    try {
      boolean isThat = records[LONGS * index] == from;
      if (isThat) {
        RECORDS.setRelease(records, LONGS * index, to);
      }
      return isThat;
    } finally {
      lock.unlock(plain);
    }
  }

  @Override
  boolean unhold(int index, long from, long to) {
    boolean plain = lock.lock();
    try {
      boolean isThat = records[LONGS * index] == from;
      if (isThat) {
        records[LONGS * index + NOTE] &= ~HELD;
        RECORDS.setRelease(records, LONGS * index, to);
      }
      return isThat;
    } finally {
      lock.unlock(plain);
    }
  }

  @Override
  boolean isHeld(int index) {
    return (records[LONGS * index + NOTE] & HELD) != 0;
  }

  @Override
  void endHold(int index) {
    pool.taken().endHold(pool.name);
  }

  @Override
  void finishFree(int index, long marked) {
    if (!tryFree(index, marked)) {
      endHold(index);
    }
  }

  @Override
  boolean lose(int index, long word) {
    boolean plain = lock.lockForAny();
    try {
      if (shut || !Blocks.isOwned(word) || records[LONGS * index] != word) {
        return false;
      }
      RECORDS.setRelease(records, LONGS * index, Blocks.beingReleased(word));
      lost++;
      return true;
    } finally {
      lock.unlock(plain);
    }
  }

  @Override
  void free(int index, long word) {
    pool.free(index, word);
  }

  @Override
  boolean tryFree(int index, long word) {
    return pool.tryFree(index, word);
  }

  @Override
  long granted(int index) {
    return pool.granted(index);
  }

  @Override
  boolean tryResize(int index, long word, long size) {
    pool.checkSize(size);
    boolean resized = resize(index, word, size);
    pool.observe();
    return resized;
  }

  private boolean resize(int index, long word, long size) {
    boolean plain = lock.lock();
    try {
      long[] all = records;
      int at = LONGS * index;
      if (!Blocks.isSame(word, all[at])) {
        throw notLive(index, word);
      }
      if (Blocks.isPinned(all[at])) {
        return false; // nobody else may get what is in use
      }
      int before = size(index);
      if (size < before) {
        care.shrinking(this, index, before, (int) size);
      }
      if (!space.tryResize(index, size)) {
        return false;
      }
      if (size > before) {
        care.grown(this, index, before, (int) size);
      }
      long held = all[at + NOTE] & HELD;
      RECORDS.setRelease(all, at + NOTE, Blocks.note(size, tick(index)) | held);
      leastFree = Math.min(leastFree, space.freeBytes());
      if (queued != 0) {
        serve();
      }
      return true;
    } finally {
      lock.unlock(plain);
    }
  }

  // --- waiting --------------------------------------------------------------------------------

  /** Under the lock: hands memory to the longest waiter while it suffices. */
  private void serve() {
    for (Waiter first = waiters.peek(); first != null; first = waiters.peek()) {
      long handle = take(first.size, alignment, CoarseClock.ticks());
      if (handle == NONE) {
        return;
      }
      waiters.remove();
      queued--;
      first.serve(handle);
    }
  }

  /** A handle, or NONE when the time is up or the pool was closed. */
  long await(int size, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long deadline = System.nanoTime() + nanos;
    Waiter waiter = new Waiter(size);
    boolean interrupted;
    enter(waiter);
    try {
      interrupted = waiter.park(pool, deadline);
    } finally {
      leave(waiter);
    }
    return waiter.result(interrupted);
  }

  private void enter(Waiter waiter) {
    boolean plain = lock.lock();
    try {
      waiters.add(waiter);
      queued++;
      if (queued < SHUT) {
        serve();
      }
    } finally {
      lock.unlock(plain);
    }
  }

  /** The one that leaves may have been what kept others from being served. */
  private void leave(Waiter waiter) {
    boolean plain = lock.lock();
    try {
      if (waiters.remove(waiter)) {
        queued--;
        if (queued < SHUT) {
          serve();
        }
      }
    } finally {
      lock.unlock(plain);
    }
  }

  // --- close ----------------------------------------------------------------------------------

  /** What came of shutting. */
  enum Shut {
    NOW,
    BEFORE,
    NOT_WHILE_LIVE
  }

  /**
   * From here on nothing is handed out and late frees do nothing.
   *
   * @param live whether that may be done while blocks are live
   * @param region to be told how many blocks are held
   */
  Shut shut(boolean live, Region region) {
    boolean plain = lock.lockForAny();
    try {
      if (shut) {
        return Shut.BEFORE;
      }
      if (!live && space.blocks() > lost) {
        return Shut.NOT_WHILE_LIVE;
      }
      noted = figures(freeBytesByPower());
      queued |= SHUT;
      shut = true;
      region.hold(held()); // before anybody can see that the pool is shut
      long[] all = records;
      for (int at = 0; at < all.length; at += LONGS) {
        long word = all[at];
        RECORDS.setRelease(all, at, Blocks.retired(word));
        if ((word & 1) != 0) {
          retired(at / LONGS, word);
        }
      }
      waiters.forEach(Waiter::wake);
      return Shut.NOW;
    } finally {
      lock.unlock(plain);
    }
  }

  /** Used blocks whose memory others than their owners use. */
  private int held() {
    int held = 0;
    for (int index = 0; index < count(); index++) {
      held += (word(index) & 1) != 0 && isHeld(index) ? 1 : 0;
    }
    return held;
  }

  boolean isShut() {
    return shut;
  }

  @Override
  void checkThread() {
    lock.checkThread();
  }

  void checkMayClose() {
    lock.checkMayClose();
  }

  // --- one block ------------------------------------------------------------------------------

  /** Whether there has been a block of this number. */
  boolean isBlock(int index) {
    return LONGS * (long) index < records.length;
  }

  @Override
  long word(int index) {
    return (long) RECORDS.getAcquire(records, LONGS * index);
  }

  long offset(int index) {
    return layout.position(space.offset(index));
  }

  /**
   * Where a used block lies, and how long it is, red zones aside: of what it was at some moment.
   */
  long place(int index) {
    return space.offset(index);
  }

  long length(int index) {
    return space.length(index);
  }

  /** Bytes of all places. */
  long regionBytes() {
    return layout.regionBytes();
  }

  /** Used blocks that nobody will free, read without a lock. */
  int lost() {
    return lost;
  }

  @Override
  MemorySegment memory() {
    return memory;
  }

  @Override
  long position(int index) {
    return offset(index);
  }

  @Override
  long extent(int index) {
    return layout.memoryBytes(space.length(index));
  }

  @Override
  int size(int index) {
    return (int) records[LONGS * index + NOTE] & Integer.MAX_VALUE;
  }

  @Override
  boolean hold(int index, long word) {
    boolean plain = lock.lock();
    try {
      if (records[LONGS * index] != word) {
        return false;
      }
      records[LONGS * index + NOTE] |= HELD;
      return true;
    } finally {
      lock.unlock(plain);
    }
  }

  int tick(int index) {
    return (int) (records[LONGS * index + NOTE] >>> 32);
  }

  @Override
  int count() {
    return records.length / LONGS;
  }

  @Override
  int liveSize(int index, long word) {
    return Blocks.isSame(word, word(index)) ? size(index) : -1;
  }

  @Override
  long handle(int index, long word) {
    return handles.handle(0, index, Blocks.generation(word));
  }

  @Override
  MemorySegment segment(int index, int size) {
    return memory.asSlice(offset(index), size);
  }

  @Override
  ByteBuffer byteBuffer(int index, int size) {
    return segment(index, size).asByteBuffer();
  }

  @Override
  String describe(int index, int generation) {
    return "block %d, generation %d, of pool '%s'"
        .formatted(index, Integer.toUnsignedLong(generation), pool.name());
  }

  /** A live block, and the word of its allocation. */
  record Place(int index, long word, long offset) {}

  /** Which live block a position in the region belongs to, or null. Walks all. */
  @Nullable Place at(long position) {
    boolean plain = lock.lockForAny();
    try {
      for (int index = 0; index < count(); index++) {
        if (Blocks.isOwned(word(index))
            && position >= offset(index)
            && position - offset(index) < extent(index)) {
          return new Place(index, word(index), offset(index));
        }
      }
      return null;
    } finally {
      lock.unlock(plain);
    }
  }

  // --- figures --------------------------------------------------------------------------------

  private Figures figures(List<Long> freeBytesByPower) {
    return new Figures(
        allocations,
        frees,
        requested,
        granted,
        leastFree,
        waiters.size(),
        space.figures(),
        freeBytesByPower);
  }

  private List<Long> freeBytesByPower() {
    return Arrays.stream(space.freeBytesByPower()).boxed().toList();
  }

  /**
   * Keeps the present figures for those who find the lock taken whenever they look. The walk over
   * all blocks among them is not done more often than takes a thousandth of the time or so.
   */
  void note() {
    boolean plain = lock.lock();
    try {
      int tick = CoarseClock.ticks();
      boolean walk = ((tick - walkTick) & Integer.MAX_VALUE) > space.blocks() / BLOCKS_A_TICK;
      walkTick = walk ? tick : walkTick;
      noted = figures(walk ? freeBytesByPower() : noted.freeBytesByPower());
    } finally {
      lock.unlock(plain);
    }
  }

  /** Present figures, without the lock; under load those that were noted last. */
  Figures look() {
    for (int look = 0; look < LOOKS && !shut; look++) {
      long stamp = lock.beginLook();
      Figures seen = tryLook();
      if (seen != null && lock.isUnchanged(stamp)) {
        return seen;
      }
    }
    return noted;
  }

  /** What is read while others write may be anything, an index too. */
  private @Nullable Figures tryLook() {
    try {
      return figures(freeBytesByPower());
    } catch (IndexOutOfBoundsException torn) {
      return null;
    }
  }

  /** So far, perhaps while that changes. */
  long allocations() {
    return allocations;
  }

  /** Bytes in used blocks, perhaps while that changes. */
  long used() {
    return layout.regionBytes() - space.freeBytes();
  }

  /** Blocks that are live, perhaps while that changes. */
  int live() {
    return space.blocks();
  }

  long metadataBytes() {
    return 80 + 16 + 8L * records.length + space.metadataBytes();
  }

  /** Walks everything; nothing is at work meanwhile. */
  void verify(List<String> findings) {
    boolean plain = lock.lockForAny();
    try {
      space.verify(findings);
      int owned = 0;
      for (int index = 0; index < count(); index++) {
        long word = word(index);
        if ((word & 1) != 0) {
          owned++;
          verify(index, findings);
        }
      }
      if (owned != space.blocks() || allocations - frees != owned) {
        findings.add(
            "%d blocks have an owner, %d have a place, and allocations - frees = %d"
                .formatted(owned, space.blocks(), allocations - frees));
      }
    } finally {
      lock.unlock(plain);
    }
  }

  private void verify(int index, List<String> findings) {
    if (size(index) < 1 || space.granted(size(index)) != space.length(index)) {
      findings.add(
          "block %d of %d B has a place of %d B at %d"
              .formatted(index, size(index), space.length(index), space.offset(index)));
    }
  }
}
