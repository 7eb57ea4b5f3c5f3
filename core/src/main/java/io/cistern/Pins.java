package io.cistern;

import io.cistern.internal.Blocks;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one tier, or of any size, that others than their owners use: how often each is pinned,
 * and whether its owner has given it up meanwhile.
 *
 * <p><b>Idea.</b> A pinned block has another state word, which no free knows: so every free of it
 * fails on the paths that know nothing of pins, and only what is about to be refused is looked up
 * here.
 *
 * <pre>
 * pin    word ──► pinned word
 * free   pinned word ──► being freed, and noted here: deferred
 * unpin  the last one: pinned word ──► word; or what was deferred is done
 * </pre>
 *
 * Where a pool is closed at once under a pinned block, the region stays until the last unpin.
 * Nothing of this is fast: some 100 ns, under one lock.
 */
final class Pins {
  private static final class Entry {
    final long word;
    int pins;
    @Nullable BlockSource freedThrough;

    Entry(long word) {
      this.word = word;
    }

    long now() {
      return freedThrough == null ? Blocks.pinned(word) : Blocks.beingReleased(Blocks.pinned(word));
    }
  }

  private final RegionBlocks blocks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Entry> entries = new HashMap<>();

  Pins(RegionBlocks blocks) {
    this.blocks = blocks;
  }

  /** Once more; false when the allocation is not live, or given up. */
  boolean pin(int index, long word) {
    lock.lock();
    try {
      Entry entry = entries.get(index);
      if (entry == null) {
        entry = new Entry(blocks.word(index));
        if (!Blocks.isOwned(entry.word)
            || !Blocks.isSame(word, entry.word)
            || Blocks.isPinned(entry.word)
            || !blocks.swap(index, entry.word, entry.now())
            || !blocks.hold(index, entry.now())) {
          return false;
        }
        entries.put(index, entry);
      } else if (!Blocks.isSame(word, entry.word) || entry.freedThrough != null) {
        return false;
      }
      entry.pins++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts off a free to the last unpin.
   *
   * @param through where it was asked for, and is to be done
   * @return 0 when the allocation is not pinned, or was given up before; else how many pins it has
   */
  int defer(int index, long word, BlockSource through) {
    lock.lock();
    try {
      Entry entry = entries.get(index);
      if (entry == null || entry.freedThrough != null || !Blocks.isSame(word, entry.word)) {
        return 0;
      }
      if (!blocks.swap(index, entry.now(), Blocks.beingReleased(entry.now()))) {
        return 0; // the pool was closed
      }
      entry.freedThrough = through;
      return entry.pins;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a block is used by others than its owner, but not since it is pinned. One read after
   * the other would not do: an unpin in between takes both away.
   */
  boolean isLent(int index) {
    lock.lock();
    try {
      return !entries.containsKey(index) && blocks.isHeld(index);
    } finally {
      lock.unlock();
    }
  }

  /** Once less. */
  void unpin(int index) {
    blocks.checkMayUnpin();
    Entry entry = leave(index);
    if (entry == null) {
      return;
    }
    long next = Blocks.beingReleased(entry.word);
    BlockSource through = Objects.requireNonNull(entry.freedThrough);
    if (!blocks.swap(index, entry.now(), next)) {
      blocks.endHold(index); // the pool was closed
      return;
    }
    boolean done = false;
    try {
      through.finishFree(index, next);
      done = true;
    } finally {
      if (!done) {
        comeBack(index, entry, next);
      }
    }
  }

  /** What was put off could not be done: the block is pinned as before. */
  private void comeBack(int index, Entry entry, long next) {
    lock.lock();
    try {
      if (blocks.swap(index, next, entry.now())) {
        entry.pins = 1;
        entries.put(index, entry);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The entry of a block that is pinned no more and was given up meanwhile; else null. The word
   * comes back under the lock: who finds no entry here finds the word that can be freed.
   */
  private @Nullable Entry leave(int index) {
    lock.lock();
    try {
      Entry entry = entries.get(index);
      if (entry == null || --entry.pins > 0) {
        return null;
      }
      entries.remove(index);
      if (entry.freedThrough != null) {
        return entry;
      }
      if (!blocks.unhold(index, entry.now(), entry.word)) {
        blocks.endHold(index); // the pool was closed
      }
      return null;
    } finally {
      lock.unlock();
    }
  }
}
