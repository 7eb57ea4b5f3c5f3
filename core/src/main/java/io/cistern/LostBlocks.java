package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one pool whose owners were collected before they freed them, found through the
 * collector.
 *
 * <pre>
 * issued ──► watch(block object, its allocation)
 * freed, or a handle given out ──► the watch is cleared, and is never heard of again
 * collected ──► collect(): the allocation is still live? retired for ever, since a segment of it may be in use; kept by site
 *                          pinned? looked at again next time
 * </pre>
 *
 * <p>Of at most {@value #MOST_SITES} sites the stacks are kept, and of the others their blocks and
 * bytes together, under an empty stack. Any thread may call.
 */
final class LostBlocks {
  static final int MOST_SITES = 256;

  /** Becomes known when nobody can close a block any more. */
  static final class Watch extends PhantomReference<MemoryBlock> {
    private final BlockSource source;
    private final int index;
    private final long word;
    private final @Nullable AllocationTrace allocated;

    private Watch(
        MemoryBlock block,
        ReferenceQueue<MemoryBlock> queue,
        BlockSource source,
        int index,
        long word,
        @Nullable AllocationTrace allocated) {
      super(block, queue);
      this.source = source;
      this.index = index;
      this.word = word;
      this.allocated = allocated;
    }
  }

  private final PoolEvents events;
  private final ReferenceQueue<MemoryBlock> unreachable = new ReferenceQueue<>();
  private final Queue<Watch> pinned = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();

  // under the lock
  private final Map<List<StackTraceElement>, LeakReport.Sum> sites = new HashMap<>();

  LostBlocks(PoolEvents events) {
    this.events = events;
  }

  /**
   * Watches an allocation, until the watch is cleared.
   *
   * @param block the only object that can free it
   * @param allocated by whom, if that is known
   * @return to be kept as long as the allocation is live
   */
  Watch watch(
      MemoryBlock block,
      BlockSource source,
      int index,
      long word,
      @Nullable AllocationTrace allocated) {
    return new Watch(block, unreachable, source, index, word, allocated);
  }

  /** Deals with what the collector has found since. */
  void collect() {
    for (int again = pinned.size(); again > 0; again--) {
      Watch found = pinned.poll();
      if (found != null) {
        lose(found);
      }
    }
    for (Object next = unreachable.poll(); next != null; next = unreachable.poll()) {
      lose((Watch) next);
    }
  }

  private void lose(Watch found) {
    BlockSource source = found.source;
    int size = source.liveSize(found.index, found.word);
    if (source.lose(found.index, found.word)) {
      keep(found, size);
      List<StackTraceElement> frames =
          found.allocated == null ? List.of() : found.allocated.frames();
      String block = source.describe(found.index, Blocks.generation(found.word));
      events.lost(new PoolListener.Lost(events.pool, block, size, frames));
    } else if (source.isPinned(found.index, found.word)) {
      pinned.add(found);
    }
  }

  private void keep(Watch found, int size) {
    AllocationTrace trace = found.allocated;
    if (trace == null) {
      return;
    }
    lock.lock();
    try {
      List<StackTraceElement> site = trace.frames();
      if (sites.size() >= MOST_SITES && !sites.containsKey(site)) {
        site = List.of();
      }
      sites
          .computeIfAbsent(site, stack -> new LeakReport.Sum())
          .add(trace, size, trace.ageMillis(), 1);
    } finally {
      lock.unlock();
    }
  }

  /** By site, largest first. */
  List<LeakReport.Site> sites() {
    lock.lock();
    try {
      return LeakReport.sites(sites);
    } finally {
      lock.unlock();
    }
  }
}
