package io.cistern;

import io.cistern.internal.Blocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Closing a pool without a check on the paths that allocate and free: blocks are made unclaimable
 * one and all, so that the fast paths find nothing and only the slow path asks whether the pool is
 * closed.
 *
 * <pre>
 * close      seal every tier (fails if a block is used) ──► closed ──► retire every block ──► give the region back
 * closeNow                                                  closed ──► retire every block ──► give the region back
 * </pre>
 *
 * An allocation that meets a pool while it is being sealed waits for the outcome, which may be that
 * it stays open.
 */
final class Lifecycle {
  private static final int COUNT_PAUSES = 1000;
  private static final int VERIFY_AGAIN = 14;
  private static final int VERIFY_PAUSE_MILLIS = 100;

  private final TieredPool pool;
  private final Region region;
  private final ReentrantLock lock = new ReentrantLock();

  /** Even while the pool is open, odd while it is being closed and ever after it was. */
  private volatile int closings;

  /** Blocks whose memory was still in use when the pool was closed; under the lock. */
  private final Set<Retired> held = new HashSet<>();

  private volatile boolean closed;
  private volatile @Nullable PoolStats lastStats;

  Lifecycle(TieredPool pool, Region region) {
    this.pool = pool;
    this.region = region;
  }

  boolean isClosed() {
    return closed;
  }

  /** To be read before a search, and given to {@link #wasOpenSince} after it. */
  int closings() {
    return closings;
  }

  /**
   * Whether no block was sealed for a moment since {@link #closings()}: only then can a search be
   * believed that found none.
   */
  boolean wasOpenSince(int before) {
    return (before & 1) == 0 && closings == before;
  }

  /** Returns when the pool is either open again or closed. */
  @SuppressWarnings("LockNotBeforeTry") // only waits for whoever holds it
  void awaitOutcome() {
    lock.lock();
    lock.unlock();
  }

  /** The figures at the moment of closing, null while the pool is open. */
  @Nullable PoolStats lastStats() {
    return lastStats;
  }

  void close() {
    if (!tryClose()) {
      pool.serveWaiters();
      throw new IllegalStateException(
          "pool '" + pool.name() + "' stays open: " + PoolDump.liveBlocks(pool) + PoolDump.WHO);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock
  private boolean tryClose() {
    pool.tiers[0].blocks.checkMayClose();
    lock.lock();
    try {
      if (!closed) {
        closings++;
        if (!seal()) {
          closings++;
          return false;
        }
        awaitCounts();
        markClosed(false);
      }
      region.giveBackMemory(pool.name());
      return true;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock
  void closeNow() {
    pool.tiers[0].blocks.checkMayClose();
    lock.lock();
    try {
      if (!closed) {
        closings++;
        markClosed(true);
      }
      region.giveBackMemory(pool.name());
    } finally {
      lock.unlock();
    }
  }

  /** Makes all blocks of all tiers unclaimable, or of none. */
  private boolean seal() {
    Tier[] tiers = pool.tiers;
    for (int tier = 0; tier < tiers.length; tier++) {
      if (!tiers[tier].blocks.seal()) {
        for (int sealed = 0; sealed < tier; sealed++) {
          tiers[sealed].blocks.unseal();
        }
        return false;
      }
    }
    return true;
  }

  /**
   * All blocks are free, but the thread that freed one may not have counted it yet: the last
   * figures wait for it, for a second at most.
   */
  private void awaitCounts() {
    int lost = Arrays.stream(pool.tiers).mapToInt(tier -> tier.blocks.lost()).sum();
    for (int pause = 0; pause < COUNT_PAUSES && pool.stats().used() != lost; pause++) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Others than its owner are done with a block's memory; nothing unless the pool waits for it. */
  void endHold(Tier tier, int index) {
    lock.lock();
    try {
      if (held.remove(new Retired(tier, index))) {
        region.endHold(pool.name());
      }
    } finally {
      lock.unlock();
    }
  }

  /** A block that was used when it was retired. */
  private record Retired(Tier tier, int index) {
    boolean isHeld() {
      return tier.blocks.isHeld(index);
    }
  }

  /** From here on nothing is handed out, and late frees do nothing. */
  private void markClosed(boolean live) {
    lastStats = pool.snapshot();
    closed = true;
    List<Retired> used = new ArrayList<>();
    for (Tier tier : pool.tiers) {
      if (live || tier.blocks.lost() > 0) {
        tier.blocks.retireNow((index, word) -> {
          tier.retired(index, word);
          used.add(new Retired(tier, index));
        });
      } else {
        tier.blocks.retireNow();
      }
    }
    if (!used.isEmpty()) {
      Blocks.awaitHolders();
      used.stream().filter(Retired::isHeld).forEach(held::add);
      region.hold(held.size());
    }
    pool.wakeWaiters();
    region.giveBackNumber();
  }

  /**
   * Walks all tiers, while the pool can be neither sealed nor closed. An operation that was
   * interrupted half-way looks like damage, so what is found is looked for again, some milliseconds
   * later: damage stays, operations go on.
   */
  VerifyReport verify() {
    VerifyReport report = walk();
    for (int again = 0; again < VERIFY_AGAIN && !report.ok(); again++) {
      LockSupport.parkNanos(Math.min(1 << again, VERIFY_PAUSE_MILLIS) * 1_000_000L);
      report = stillThere(report, walk());
    }
    return report;
  }

  private static VerifyReport stillThere(VerifyReport before, VerifyReport now) {
    List<String> both = now.findings().stream().filter(before.findings()::contains).toList();
    return new VerifyReport(now.pool(), now.blocks(), now.quiescent(), both);
  }

  private VerifyReport walk() {
    List<String> findings = new ArrayList<>();
    boolean quiescent = true;
    long blocks = 0;
    lock.lock();
    try {
      for (Tier tier : isClosed() ? new Tier[0] : pool.tiers) {
        List<String> ofTier = new ArrayList<>();
        quiescent &= tier.blocks.verify(ofTier);
        blocks += tier.blocks.capacity();
        ofTier.forEach(
            finding -> findings.add("tier of " + tier.slab.blockSize() + " B: " + finding));
      }
    } finally {
      lock.unlock();
    }
    return new VerifyReport(pool.name(), blocks, quiescent, findings);
  }
}
