package io.cistern.concurrency.blocks;

import io.cistern.concurrency.Meeting;
import io.cistern.internal.Blocks;

/** The state of a race for blocks of one tier, below pools and handles. */
abstract class BlocksRace extends Meeting {
  static final int NONE = Brink.NONE;

  final Blocks blocks;
  private final Brink brink;

  BlocksRace(Brink.Shape shape) {
    this(Brink.take(shape));
  }

  BlocksRace(Brink brink) {
    this.brink = brink;
    this.blocks = brink.blocks;
  }

  /** A block, or {@link #NONE}. */
  final int claim() {
    return brink.claim();
  }

  /** Frees a block that the caller owns. */
  final boolean release(int index) {
    return release(index, blocks.word(index));
  }

  /** Frees the allocation with the given word; false when it was freed before. */
  final boolean release(int index, long word) {
    return brink.release(index, word);
  }

  /** As {@link Brink#check}. */
  final int check(int owned) {
    return brink.check(owned);
  }

  /** 1 for a block, 0 for a refusal. */
  static int got(int index) {
    return index == NONE ? 0 : 1;
  }

  static int flag(boolean value) {
    return value ? 1 : 0;
  }
}
