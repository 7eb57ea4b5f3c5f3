package io.cistern.jetty;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * Arrays that were used and are kept for the next who wants one: a shelf for each capacity, with as
 * many places as fit into its share of the bytes that may be kept. What finds no place is left to
 * the garbage collector, what is not on the shelf is made anew; so nothing is ever refused, and
 * what is kept is bounded.
 *
 * <p>A thread looks at a few places only, those that its number leads to: mostly it finds there
 * what it put there. A place is emptied and filled by a compare-and-set, so an array is never on
 * two shelves, nor taken by two.
 */
final class HeapArrays {
  private static final int SHELVES = Capacities.LARGEST_ROUNDED / Capacities.STEP;
  private static final int LOOKS = 4;
  private static final int SPREAD = 0x9E3779B9;

  private final Shelf[] shelves;

  HeapArrays(long keptBytes) {
    shelves =
        IntStream.range(0, SHELVES)
            .mapToObj(i -> new Shelf(keptBytes / SHELVES, (i + 1) * Capacities.STEP))
            .toArray(Shelf[]::new);
  }

  /** An array of exactly that length; what is in it is arbitrary. */
  byte[] take(int capacity) {
    return capacity > Capacities.LARGEST_ROUNDED ? new byte[capacity] : shelf(capacity).take();
  }

  void give(byte[] array) {
    if (array.length <= Capacities.LARGEST_ROUNDED) {
      shelf(array.length).give(array);
    }
  }

  void clear() {
    for (Shelf shelf : shelves) {
      shelf.clear();
    }
  }

  /** How many arrays are kept now. */
  long count() {
    return IntStream.range(0, SHELVES).mapToLong(i -> shelves[i].count()).sum();
  }

  /** How many bytes are kept now. */
  long bytes() {
    return IntStream.range(0, SHELVES)
        .mapToLong(i -> (long) shelves[i].count() * shelves[i].length)
        .sum();
  }

  private Shelf shelf(int capacity) {
    return shelves[(capacity - 1) / Capacities.STEP];
  }

  /** The arrays of one length. */
  private static final class Shelf {
    private final AtomicReferenceArray<byte[]> places;
    private final int mask;
    final int length;

    Shelf(long bytes, int length) {
      int count = Integer.highestOneBit((int) Math.max(1, bytes / length));
      this.places = new AtomicReferenceArray<>(bytes < length ? 0 : count);
      this.mask = places.length() - 1;
      this.length = length;
    }

    byte[] take() {
      int first = first();
      for (int i = first; i < first + looks(); i++) {
        byte[] array = places.get(i & mask);
        if (array != null && places.compareAndSet(i & mask, array, null)) {
          return array;
        }
      }
      return new byte[length];
    }

    void give(byte[] array) {
      int first = first();
      for (int i = first; i < first + looks(); i++) {
        if (places.get(i & mask) == null && places.compareAndSet(i & mask, null, array)) {
          return;
        }
      }
    }

    /** Where a thread looks first: the top bits of its number, spread. */
    private int first() {
      return ((int) Thread.currentThread().threadId() * SPREAD) >>> 8;
    }

    private int looks() {
      return Math.min(LOOKS, places.length());
    }

    void clear() {
      for (int i = 0; i < places.length(); i++) {
        places.set(i, null);
      }
    }

    int count() {
      int count = 0;
      for (int i = 0; i < places.length(); i++) {
        count += places.get(i) == null ? 0 : 1;
      }
      return count;
    }
  }
}
