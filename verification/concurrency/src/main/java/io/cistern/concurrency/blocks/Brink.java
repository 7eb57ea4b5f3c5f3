package io.cistern.concurrency.blocks;

import io.cistern.internal.BlockPool;
import io.cistern.internal.Blocks;
import io.cistern.internal.Magazine;
import io.cistern.internal.Magazines;
import io.cistern.internal.SmallBlockPool;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One tier at its limit: every block is owned but the few that a race is about.
 *
 * <p>Races take turns with a brink, so that the actors' magazines hold what earlier races left
 * there, stale entries too; one in four is new, so that magazines are adopted, the depot is used,
 * and releases are still by plain stores, which end for good with the first one by another thread.
 * In a new one the free blocks lie in the depot or in its builder's magazine, as chance has it.
 */
final class Brink {
  /** No block. */
  static final int NONE = -1;

  private static final int NEW_ONE_IN = 4;
  private static final int SIZE = 8;
  private static final long SEED = 7;

  private static final Map<Shape, ConcurrentLinkedQueue<Brink>> IDLE = new ConcurrentHashMap<>();

  /** How many blocks no race touches, and how many it is about. */
  record Shape(int ballast, int racing) {
    /** With the bits of a {@link SmallBlockPool}. */
    static Shape small(int racing) {
      return new Shape(0, racing);
    }

    /** With the magazines of a {@link BlockPool}, which begins at 65 blocks. */
    static Shape large(int racing) {
      return new Shape(SmallBlockPool.MAX_CAPACITY, racing);
    }

    int capacity() {
      return ballast + racing;
    }
  }

  final Blocks blocks;
  private final Magazine[] slots = Magazines.table(1);
  private final Shape shape;
  private final BitSet ballast = new BitSet();

  private Brink(Shape shape) {
    this.shape = shape;
    this.blocks =
        shape.capacity() > SmallBlockPool.MAX_CAPACITY
            ? new BlockPool(shape.capacity(), 0, SEED, () -> {}, () -> {}, slots, 0)
            : new SmallBlockPool(shape.capacity(), 0, SEED, () -> {}, () -> {});
    for (int i = 0; i < shape.ballast; i++) {
      ballast.set(claim());
    }
    if (ThreadLocalRandom.current().nextBoolean()) {
      claimRest();
      freeRacing();
    }
  }

  static Brink take(Shape shape) {
    Brink used = idle(shape).poll();
    return used == null || ThreadLocalRandom.current().nextInt(NEW_ONE_IN) == 0
        ? new Brink(shape)
        : used;
  }

  /** One that no race has used, for races about what happens once in a magazine's life. */
  static Brink open(Shape shape) {
    return new Brink(shape);
  }

  private static ConcurrentLinkedQueue<Brink> idle(Shape shape) {
    return IDLE.computeIfAbsent(shape, any -> new ConcurrentLinkedQueue<>());
  }

  /** Claims as a pool does: the block's index, or {@link #NONE}. */
  int claim() {
    long self = Thread.currentThread().threadId();
    int tick = tick();
    long claim = Magazines.find(slots, 0, self).claim(self, Blocks.note(SIZE, tick));
    claim = claim != Blocks.NONE ? claim : blocks.claim(SIZE, tick);
    claim = claim != Blocks.NONE ? claim : blocks.claimSlow(SIZE, tick);
    return claim == Blocks.NONE ? NONE : (int) (claim >>> 32);
  }

  /** Any: so that a mark which was taken away comes back as often as not, not after seconds. */
  private static int tick() {
    return ThreadLocalRandom.current().nextInt() & Integer.MAX_VALUE;
  }

  /** Releases as a pool does, by word or by handle, as chance has it. */
  boolean release(int index, long word) {
    long self = Thread.currentThread().threadId();
    Magazine magazine = Magazines.find(slots, 0, self);
    boolean released =
        ThreadLocalRandom.current().nextBoolean()
            ? magazine.free(self, index, blocks.handle(index, word))
            : magazine.release(self, index, word);
    return released || blocks.release(index, word);
  }

  private int claimRest() {
    int claimed = 0;
    while (claimed <= shape.capacity() && claim() != NONE) {
      claimed++;
    }
    return claimed;
  }

  private void freeRacing() {
    for (int index = 0; index < shape.capacity(); index++) {
      if (!ballast.get(index)) {
        release(index, blocks.word(index));
      }
    }
  }

  /**
   * After a race: walks everything, claims all that is free, and gives the brink to later races
   * when all is well.
   *
   * @param owned racing blocks that the actors own
   * @return 0, else the sum of 1 for findings of verify, 2 for a wrong count of used blocks, and 4
   *     for free blocks that cannot be claimed or more than there are
   */
  int check(int owned) {
    List<String> findings = new ArrayList<>();
    boolean quiescent = blocks.verify(findings);
    int wrong = quiescent && findings.isEmpty() ? 0 : 1;
    wrong += blocks.used() == shape.ballast + owned ? 0 : 2;
    wrong += claimRest() == shape.racing - owned ? 0 : 4;
    if (wrong == 0) {
      freeRacing();
      idle(shape).add(this);
    }
    return wrong;
  }
}
