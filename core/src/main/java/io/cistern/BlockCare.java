package io.cistern;

import java.lang.foreign.MemorySegment;

/**
 * What is done with a block's memory between two owners, besides handing it on. A pool is built
 * with one of these; the fast paths of a pool that needs any of it are switched off, so that they
 * ask no question.
 *
 * <pre>
 * allocate ──► block claimed ──► claimed ──► user
 * free ──► block its owner's no more, and nobody else's yet ──► releasing ──► block free
 * </pre>
 *
 * Each method is called by one thread that has the block for itself.
 */
abstract sealed class BlockCare
    permits BlockCare.None, BlockCare.OnAllocate, BlockCare.OnFree, Checks {
  /** What a builder asks for, for the blocks of a pool that has just got its memory. */
  static BlockCare of(MemoryPool.Builder builder, PoolEvents events) {
    if (builder.checks.isChecked()) {
      return new Checks(builder.checks, builder.zeroing, events);
    }
    return switch (builder.zeroing) {
      case OFF -> new None();
      case ON_ALLOCATE -> new OnAllocate();
      case ON_FREE -> new OnFree();
    };
  }

  /** Whether {@link #claimed} does anything. */
  abstract boolean isOnAllocate();

  /** Whether {@link #releasing} does anything. */
  abstract boolean isOnFree();

  /** The region is the pool's from now on. */
  void opened(MemorySegment region) {}

  /** The pool is closed, and the region is to be given back: nobody may use it any more. */
  void closed() {}

  /** A block has a new owner, who does not know yet. */
  void claimed(RegionBlocks blocks, int index, int size) {}

  /** A block's owner has given it up. */
  void releasing(RegionBlocks blocks, int index, int size) {}

  /** Before a block gets smaller; that may yet fail. */
  void shrinking(RegionBlocks blocks, int index, int from, int to) {}

  /** After a block has got larger. */
  void grown(RegionBlocks blocks, int index, int from, int to) {}

  /** Java heap taken for it, in bytes. */
  long metadataBytes() {
    return 0;
  }

  static void zero(RegionBlocks blocks, int index, long from, long to) {
    if (from < to) {
      Zeroes.fill(blocks.memory().asSlice(blocks.position(index) + from, to - from));
    }
  }

  /** Nothing. */
  static final class None extends BlockCare {
    @Override
    boolean isOnAllocate() {
      return false;
    }

    @Override
    boolean isOnFree() {
      return false;
    }
  }

  /** Zeroes what an owner gets. */
  static final class OnAllocate extends BlockCare {
    @Override
    boolean isOnAllocate() {
      return true;
    }

    @Override
    boolean isOnFree() {
      return false;
    }

    @Override
    void claimed(RegionBlocks blocks, int index, int size) {
      zero(blocks, index, 0, size);
    }

    @Override
    void grown(RegionBlocks blocks, int index, int from, int to) {
      zero(blocks, index, from, to);
    }
  }

  /** Zeroes what an owner leaves; memory is zero at first. */
  static final class OnFree extends BlockCare {
    @Override
    boolean isOnAllocate() {
      return false;
    }

    @Override
    boolean isOnFree() {
      return true;
    }

    @Override
    void releasing(RegionBlocks blocks, int index, int size) {
      zero(blocks, index, 0, blocks.granted(index));
    }

    @Override
    void shrinking(RegionBlocks blocks, int index, int from, int to) {
      zero(blocks, index, to, from);
    }
  }
}
