package io.cistern.netty;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Arrays for heap buffers. Small ones are made anew, which is what the JVM does best. Large ones
 * take time to be zeroed, and press on the collector: a few that were given back are kept, and
 * handed out again to whoever wants exactly that length, with what is in them.
 *
 * <p>Bounded by {@code SLOTS × LARGEST} = 8 MiB. Safe for any threads: a slot is emptied by
 * compare-and-set, so no array has two owners.
 */
final class HeapArrays {
  private static final int SMALLEST = 64 << 10;
  private static final int LARGEST = 1 << 20;
  private static final int SLOTS = 8;

  private final AtomicReferenceArray<byte @Nullable []> kept = new AtomicReferenceArray<>(SLOTS);
  private final LongAdder used = new LongAdder();

  /** Which slot is overwritten next; that threads may count it wrong does no harm. */
  private int turn;

  byte[] take(int length) {
    byte[] array = isKept(length) ? find(length) : null;
    byte[] taken = array == null ? new byte[length] : array;
    used.add(length);
    return taken;
  }

  private byte @Nullable [] find(int length) {
    for (int slot = 0; slot < SLOTS; slot++) {
      byte[] array = kept.get(slot);
      if (array != null && array.length == length && kept.compareAndSet(slot, array, null)) {
        return array;
      }
    }
    return null;
  }

  void giveBack(byte[] array) {
    used.add(-array.length);
    if (isKept(array.length)) {
      keep(array);
    }
  }

  /** In an empty slot; if there is none, instead of another, lest those stay that nobody wants. */
  private void keep(byte[] array) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (kept.get(slot) == null && kept.compareAndSet(slot, null, array)) {
        return;
      }
    }
    kept.set(turn++ & (SLOTS - 1), array);
  }

  private static boolean isKept(int length) {
    return length >= SMALLEST && length <= LARGEST;
  }

  /** Bytes in arrays that were taken and not given back. */
  long usedBytes() {
    return used.sum();
  }
}
