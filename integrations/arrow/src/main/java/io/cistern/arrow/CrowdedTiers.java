package io.cistern.arrow;

import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PressureLevel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which tiers of {@link OwnPools} are nearly used up, so that requests go elsewhere before they are
 * refused: a refusal would be counted and logged as if memory had run out.
 *
 * <p>Tiers are powers of two, and one bit stands for each. It is set when the pool tells that the
 * tier is {@link PressureLevel#CRITICAL}, or refused a request after all. While it is set, each
 * request for the tier looks whether a quarter of it is free again; then it is cleared. Reading a
 * tier's use costs some tens of nanoseconds, reading the bit next to nothing.
 *
 * <p>Safe for use by several threads. A bit that is set late costs a refusal, which the caller
 * survives; one that is cleared late is cleared by the next request.
 */
final class CrowdedTiers implements PoolListener {
  private static final int FREE_AGAIN = 4;

  private final AtomicLong bits = new AtomicLong();

  @Override
  public void onPressureChanged(PressureChange change) {
    if (change.tierBlockSizeBytes() > 0 && change.to() == PressureLevel.CRITICAL) {
      add(change.tierBlockSizeBytes());
    }
  }

  /** A handle; NO_HANDLE, and the tier is crowded from now on, when it has no free block. */
  long allocate(long size, MemoryPool pool) {
    long handle = pool.tryAllocateHandle(size);
    if (handle == MemoryPool.NO_HANDLE) {
      add(size);
    }
    return handle;
  }

  private void add(long size) {
    long bit = bit(size);
    bits.getAndUpdate(before -> before | bit);
  }

  /** Whether the tier for a size is to be left alone. */
  boolean contains(long size, MemoryPool pool) {
    return (bits.getPlain() & bit(size)) != 0 && !hasRoomAgain(size, pool);
  }

  private boolean hasRoomAgain(long size, MemoryPool pool) {
    long bit = bit(size);
    long free = pool.freeBlocks(size) * bit;
    if (free * FREE_AGAIN < OwnPools.tierBytes(bit)) {
      return false;
    }
    bits.getAndUpdate(before -> before & ~bit);
    return true;
  }

  /** The block size of the tier for a size, which is also its bit. */
  private static long bit(long size) {
    return size <= OwnPools.SMALLEST_TIER
        ? OwnPools.SMALLEST_TIER
        : Long.highestOneBit(size - 1) << 1;
  }
}
