package io.cistern.acceptance;

import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * The allocations that a check holds, in the order in which it took them. Every block is filled
 * with a tag of its own, which is looked at again before the free: a block that two owners got, or
 * that overlaps another one, is seen. For one thread.
 */
final class Held {
  private final MemoryPool pool;
  private final List<Allocation> allocations = new ArrayList<>();
  private byte nextTag = 1;

  private record Allocation(long handle, byte tag) {}

  Held(MemoryPool pool) {
    this.pool = pool;
  }

  /** Takes a block that must be there. */
  long take(long size) {
    long handle = pool.allocateHandle(size);
    keep(handle);
    return handle;
  }

  /** Takes a block if there is one. */
  boolean tryTake(long size) {
    long handle = pool.tryAllocateHandle(size);
    if (handle == MemoryPool.NO_HANDLE) {
      return false;
    }
    keep(handle);
    return true;
  }

  /** Takes blocks until none is left, and gives their number. */
  int takeAll(long size) {
    int taken = 0;
    while (tryTake(size)) {
      taken++;
    }
    return taken;
  }

  /** Takes so many blocks, which must be there. */
  void take(int count, long size) {
    for (int i = 0; i < count; i++) {
      take(size);
    }
  }

  void freeAll() {
    while (!allocations.isEmpty()) {
      free(allocations.size() - 1);
    }
  }

  void freeOldest() {
    free(0);
  }

  void freeNewest() {
    free(allocations.size() - 1);
  }

  /** Frees those that were taken first, third, fifth and so on. */
  void freeEverySecond() {
    for (int i = (allocations.size() - 1) / 2 * 2; i >= 0; i -= 2) {
      free(i);
    }
  }

  void freeAny(RandomGenerator random) {
    free(random.nextInt(allocations.size()));
  }

  /** Changes the order in which the allocations will be freed. */
  void shuffle(RandomGenerator random) {
    Collections.shuffle(allocations, Random.from(random));
  }

  int count() {
    return allocations.size();
  }

  List<Long> handles() {
    return allocations.stream().map(Allocation::handle).toList();
  }

  private void keep(long handle) {
    Allocation allocation = new Allocation(handle, nextTag++);
    allocations.add(allocation);
    pool.segment(handle).fill(allocation.tag());
  }

  private void free(int index) {
    Allocation allocation = allocations.remove(index);
    expectIntact(pool.segment(allocation.handle()), allocation.tag());
    pool.free(allocation.handle());
  }

  private static void expectIntact(MemorySegment segment, byte tag) {
    for (long at = 0; at < segment.byteSize(); at++) {
      byte found = segment.get(ValueLayout.JAVA_BYTE, at);
      if (found != tag) {
        throw new CheckFailedException(
            "byte %d of a live block of %d B: %d, its owner wrote %d"
                .formatted(at, segment.byteSize(), found, tag));
      }
    }
  }
}
