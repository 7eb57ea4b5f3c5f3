package io.cistern.misuse;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a misuse is done once: a fresh pool, allocations to be misused, and the rule that whatever
 * is set up before, and everything that the misuse is not about, must go well.
 */
final class Stage implements AutoCloseable {
  private static final int MOST_TRIES = 200;

  private final PoolKind kind;
  private final CheckLevel level;
  private final Path scratch;
  private final Witness witness = new Witness();
  private final List<AutoCloseable> rest = new ArrayList<>();
  private final MemoryPool pool;
  private final Living living = new Living();
  private boolean committed;
  private int reportsBefore;
  private @Nullable Throwable thrown;

  Stage(PoolKind kind, CheckLevel level, Path scratch) {
    this.kind = kind;
    this.level = level;
    this.scratch = scratch;
    this.pool = kind.open(level, witness, scratch);
  }

  /** The pool that is misused. */
  MemoryPool pool() {
    return pool;
  }

  PoolKind kind() {
    return kind;
  }

  CheckLevel level() {
    return level;
  }

  /** Another pool just like it. */
  MemoryPool other() {
    MemoryPool other = kind.open(level, witness, scratch);
    atEnd(other::closeNow);
    return other;
  }

  /** Closes something when all is over, the last one first. */
  void atEnd(AutoCloseable closeable) {
    rest.addFirst(closeable);
  }

  /** A live allocation with a live neighbour on each side. */
  Victim victim() {
    List<Victim> three = new ArrayList<>(List.of(allocate(), allocate(), allocate()));
    three.sort(Comparator.comparingLong(Victim::address));
    return three.get(1);
  }

  /** A live allocation, full of a pattern of its own, which is freed at the end. */
  Victim allocate() {
    return living.add(Victim.of(pool.allocate(Victim.SIZE)));
  }

  /** Frees an allocation as it should be. */
  void free(Victim victim) {
    victim.block().close();
    living.remove(victim);
  }

  /** An allocation with neighbours that has just been freed as it should be. */
  Victim freed() {
    Victim victim = victim();
    free(victim);
    return victim;
  }

  /** No longer freed at the end. */
  void forget(Victim victim) {
    living.remove(victim);
  }

  /** The next owner of a freed allocation's block; all that is handed out before it stays live. */
  Victim reuse(Victim freed) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Victim next = allocate();
      if (isSameBlock(next, freed)) {
        return next;
      }
    }
    throw new AssertionError("the block was not handed out again: " + freed.block());
  }

  /** Fallback memory has no place of its own: there a block is its number. */
  private boolean isSameBlock(Victim next, Victim freed) {
    return kind == PoolKind.FALLBACK
        ? next.handle() >>> 32 == freed.handle() >>> 32
        : next.address() == freed.address();
  }

  /** The misuse itself: once in a case. */
  void misuse(Call call) {
    if (committed) {
      throw new IllegalStateException("a case has one misuse");
    }
    committed = true;
    reportsBefore = witness.reports();
    try {
      call.run();
    } catch (Throwable refused) {
      thrown = refused;
    }
  }

  /** What was thrown at the one who misused the pool. */
  Optional<Throwable> thrown() {
    if (!committed) {
      throw new IllegalStateException("nothing was misused");
    }
    return Optional.ofNullable(thrown);
  }

  Living living() {
    return living;
  }

  /** What the listener has heard since the misuse began. */
  int reports() {
    return witness.reports() - reportsBefore;
  }

  /** Whether the listener has heard of a block that nobody can free any more. */
  boolean isLost() {
    return witness.lost() > 0;
  }

  @Override
  public void close() {
    try {
      for (AutoCloseable closeable : rest) {
        closeable.close();
      }
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
    pool.closeNow();
  }
}
