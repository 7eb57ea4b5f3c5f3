package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/** The handles that one thread owns, without order. */
final class HandleBag {
  private long[] handles = new long[64];
  private int size;

  int size() {
    return size;
  }

  /** Adds a handle; {@link io.cistern.MemoryPool#NO_HANDLE} is ignored. */
  void add(long handle) {
    if (handle != NO_HANDLE) {
      if (size == handles.length) {
        handles = Arrays.copyOf(handles, 2 * size);
      }
      handles[size++] = handle;
    }
  }

  /** Any handle, or {@link io.cistern.MemoryPool#NO_HANDLE} when there is none. */
  long removeAny(SplittableRandom random) {
    if (size == 0) {
      return NO_HANDLE;
    }
    int at = random.nextInt(size);
    long handle = handles[at];
    handles[at] = handles[--size];
    return handle;
  }

  /** Looks at any handle, or {@link io.cistern.MemoryPool#NO_HANDLE} when there is none. */
  long peekAny(SplittableRandom random) {
    return size == 0 ? NO_HANDLE : handles[random.nextInt(size)];
  }

  /** Removes all. */
  void drain(LongConsumer consumer) {
    while (size > 0) {
      consumer.accept(handles[--size]);
    }
  }
}
