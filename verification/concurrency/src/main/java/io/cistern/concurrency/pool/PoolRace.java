package io.cistern.concurrency.pool;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.concurrency.Meeting;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The state of a race for blocks of a pool, through its public face. Actors report what befell them
 * as one of the codes below.
 */
abstract class PoolRace extends Meeting {
  /** Bytes of a block, and of every request. */
  static final int SIZE = 64;

  /** Bytes of a block whose zeroing takes long enough to be met. */
  static final int LONG = 8192;

  static final int REFUSED = 0;
  static final int OK = 1;
  static final int DOUBLE_FREE = 2;
  static final int STALE = 3;
  static final int CLOSED = 4;
  static final int INTERRUPTED = 5;
  static final int UNEXPECTED = 9;

  /** Longer than any wait for a block that comes: whoever waits so long was forgotten. */
  static final Duration LONG_WAIT = Duration.ofSeconds(10);

  final MemoryPool pool;
  private final PoolCache cache;

  /** What {@link #tryAllocate()} or {@link #allocate} got last. */
  @Nullable MemoryBlock block;

  PoolRace(PoolCache cache) {
    this.cache = cache;
    this.pool = cache.take();
  }

  /** Pools of one small tier. */
  static PoolCache small(int racing, UnaryOperator<MemoryPool.Builder> options) {
    return new PoolCache(() -> options.apply(MemoryPool.builder().tier(SIZE, racing)).build(), 0);
  }

  /** Pools of one tier with magazines. */
  static PoolCache large(int racing, UnaryOperator<MemoryPool.Builder> options) {
    return new PoolCache(
        () -> options.apply(MemoryPool.builder().tier(SIZE, PoolCache.BALLAST + racing)).build(),
        PoolCache.BALLAST);
  }

  /** Pools of any size that hold so many blocks of the race's. */
  static PoolCache variable(int racing, UnaryOperator<MemoryPool.Builder> options) {
    return new PoolCache(
        () -> options.apply(MemoryPool.builder().variable((long) SIZE * racing)).build(), 0);
  }

  /** Tiers of up to 64 blocks, so many that a walk over them takes a while. */
  static MemoryPool.Builder eightTiers() {
    MemoryPool.Builder builder = MemoryPool.builder();
    for (int tier = 0; tier < 8; tier++) {
      builder.tier((long) SIZE << tier, 4);
    }
    return builder;
  }

  /** Frees by handle: {@link #OK}, {@link #DOUBLE_FREE}, {@link #STALE} or {@link #UNEXPECTED}. */
  final int free(long handle) {
    return outcome(() -> pool.free(handle));
  }

  /** As {@link #free(long)}, with the size. */
  final int freeSized(long handle) {
    return outcome(() -> pool.free(handle, SIZE));
  }

  static int outcome(Runnable free) {
    try {
      free.run();
      return OK;
    } catch (InvalidFreeException refused) {
      return switch (refused.reason()) {
        case DOUBLE_FREE -> DOUBLE_FREE;
        case STALE -> STALE;
        case FOREIGN, INTERIOR, WRONG_SIZE -> UNEXPECTED;
      };
    } catch (RuntimeException wrongKind) {
      return UNEXPECTED;
    }
  }

  /** A block if there is one: {@link #OK}, {@link #REFUSED}, {@link #CLOSED}. */
  final int tryAllocate() {
    try {
      block = pool.tryAllocate(SIZE);
      return flag(block != null);
    } catch (IllegalStateException closed) {
      return CLOSED;
    }
  }

  /** As {@link #tryAllocate}, but waits; {@link #INTERRUPTED} too. */
  final int allocate(Duration timeout) {
    try {
      block = pool.allocate(SIZE, timeout);
      return OK;
    } catch (PoolExhaustedException timeIsUp) {
      return REFUSED;
    } catch (IllegalStateException closed) {
      return CLOSED;
    } catch (InterruptedException interrupted) {
      return INTERRUPTED;
    }
  }

  /** Writes a value into every word of a block. */
  final void fill(long handle, long value) {
    MemorySegment segment = pool.segment(handle);
    for (long i = 0; i < SIZE / Long.BYTES; i++) {
      segment.setAtIndex(JAVA_LONG, i, value);
    }
  }

  /** Whether every word of a block has the value. */
  final boolean holds(long handle, long value) {
    MemorySegment segment = pool.segment(handle);
    for (long i = 0; i < SIZE / Long.BYTES; i++) {
      if (segment.getAtIndex(JAVA_LONG, i) != value) {
        return false;
      }
    }
    return true;
  }

  /** Frees what an actor owns and then does {@link PoolCache#giveBack}. */
  final int check(long... owned) {
    for (long handle : owned) {
      if (pool.isLive(handle)) {
        pool.free(handle);
      }
    }
    return cache.giveBack(pool);
  }

  /** As {@link #check(long...)} for {@link #block}. */
  final int checkBlock() {
    return block == null ? check() : check(block.handle());
  }

  /**
   * After a race with {@link MemoryPool#closeNow()}: nothing of the pool may be live any more.
   *
   * @return 0, else the sum of 1 for a block that says it is live, 2 for one whose close throws,
   *     and 4 for a pool that still allocates
   */
  final int checkClosed() {
    MemoryBlock late = block;
    int wrong = late != null && late.isLive() ? 1 : 0;
    wrong += late != null && outcome(late::close) != OK ? 2 : 0;
    return wrong + (tryAllocate() == CLOSED ? 0 : 4);
  }

  static int flag(boolean value) {
    return value ? 1 : 0;
  }
}
