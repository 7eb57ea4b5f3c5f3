package io.cistern.io;

import io.cistern.MemoryBlock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Blocks in a row, added at the end, freed at either end, found by their number from the front: a
 * ring of references that doubles when it is full.
 *
 * <p>Its length is a power of two. The block with number i lies at {@code (head + i) mod length};
 * all other places are empty. A block's segment is made once, when the block comes.
 */
final class BlockRing {
  private static final int FIRST_LENGTH = 8;

  /** A block, and its memory. 24 bytes beside the two. */
  private record Link(MemoryBlock block, MemorySegment segment) {}

  private @Nullable Link[] ring = new Link[FIRST_LENGTH];
  private int head;
  private int count;

  int count() {
    return count;
  }

  MemoryBlock block(int number) {
    return link(number).block();
  }

  MemorySegment segment(int number) {
    return link(number).segment();
  }

  private Link link(int number) {
    return Objects.requireNonNull(ring[place(Objects.checkIndex(number, count))]);
  }

  private int place(int number) {
    return (head + number) & (ring.length - 1);
  }

  void add(MemoryBlock block) {
    if (count == ring.length) {
      grow();
    }
    ring[place(count)] = new Link(block, block.segment());
    count++;
  }

  private void grow() {
    @Nullable Link[] longer = Arrays.copyOfRange(ring, head, head + (2 * ring.length));
    System.arraycopy(ring, 0, longer, ring.length - head, head);
    ring = longer;
    head = 0;
  }

  /**
   * Frees the first blocks, oldest first. All of them leave the ring, also when some cannot be
   * freed because somebody else did.
   *
   * @return what was thrown, the first with the others; null when nothing was
   * @throws WrongThreadException when the pool is confined to another thread; nothing has changed
   */
  @Nullable RuntimeException freeFirst(int blocks) {
    RuntimeException failure = null;
    for (int i = 0; i < blocks; i++) {
      failure = free(block(0), failure);
      ring[head] = null;
      head = place(1);
      count--;
    }
    return failure;
  }

  /** As {@link #freeFirst}, the last blocks, newest first. */
  @Nullable RuntimeException freeLast(int blocks) {
    RuntimeException failure = null;
    for (int i = 0; i < blocks; i++) {
      failure = free(block(count - 1), failure);
      ring[place(count - 1)] = null;
      count--;
    }
    return failure;
  }

  private static @Nullable RuntimeException free(
      MemoryBlock block, @Nullable RuntimeException earlier) {
    try {
      block.close();
      return earlier;
    } catch (WrongThreadException wrong) {
      throw wrong;
    } catch (RuntimeException refused) {
      if (earlier == null) {
        return refused;
      }
      earlier.addSuppressed(refused);
      return earlier;
    }
  }
}
