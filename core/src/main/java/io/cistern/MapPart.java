package io.cistern;

import io.cistern.BlockMap.Block;
import io.cistern.BlockMap.State;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind the cells of one slab of a {@link BlockMap}: the blocks of one region and
 * tier, and who can be asked about them.
 */
final class MapPart {
  final RegionPool region;
  final RegionBlocks blocks;

  /** The same blocks, with their owners; null in a pool without a governor. */
  final @Nullable GovernedBlocks owned;

  private final @Nullable Governor governor;

  /** Number of the first cell. */
  final int first;

  /** Where the cells lie; null where all are of one size. */
  @Nullable MapPieces pieces;

  MapPart(
      RegionPool region,
      RegionBlocks blocks,
      @Nullable GovernedBlocks owned,
      @Nullable Governor governor,
      int first) {
    this.region = region;
    this.blocks = blocks;
    this.owned = owned;
    this.governor = governor;
    this.first = first;
  }

  /** Whether a handle of its governed pool is of one of these blocks. */
  boolean has(long handle) {
    return region.id() == HandleFormat.pool(handle)
        && blocks.equals(region.blocks(region.tierOf(handle)));
  }

  long offset(int cell) {
    return pieces == null ? blocks.position(cell - first) : pieces.offset(cell - first);
  }

  long size(int cell) {
    return pieces == null ? blocks.granted(cell - first) : pieces.size(cell - first);
  }

  Block block(int cell) {
    int index = pieces == null ? cell - first : pieces.block(cell - first);
    long word = index == MapPieces.NO_BLOCK ? 0 : blocks.word(index);
    State state = state(index, word);
    if (state == State.FREE || state == State.QUARANTINED || !isHere(cell, index)) {
      return nobodys(cell, state == State.QUARANTINED ? state : State.FREE);
    }
    if (state == State.WITHDRAWN) {
      return nobodys(cell, state);
    }
    return owned(cell, state, index, word);
  }

  /** A block of variable size may lie elsewhere by now. */
  private boolean isHere(int cell, int index) {
    return pieces == null || ((VariableBlocks) blocks).place(index) == offset(cell);
  }

  private State state(int index, long word) {
    return switch (blocks) {
      case Tier tier -> ofTier(tier, index, word);
      case VariableBlocks any -> BlockWalk.state(word, any.lost());
    };
  }

  private State ofTier(Tier tier, int index, long word) {
    State state = BlockWalk.state(word, tier.blocks.lost());
    if (state == State.FREE) {
      boolean[] found = {false};
      tier.blocks.forEachQuarantined(other -> found[0] |= other == index);
      return found[0] ? State.QUARANTINED : State.FREE;
    }
    return state == State.USED && isWithdrawn(blocks.handle(index, word)) ? State.WITHDRAWN : state;
  }

  private boolean isWithdrawn(long handle) {
    boolean[] found = {false};
    if (governor != null) {
      governor.withdrawn.forEach(other -> found[0] |= other == handle);
    }
    return found[0];
  }

  private Block nobodys(int cell, State state) {
    return new Block(
        cell, state, MemoryPool.NO_HANDLE, offset(cell), size(cell), 0, 0, "", "", List.of());
  }

  private Block owned(int cell, State state, int index, long word) {
    AllocationTrace trace =
        governor == null || owned == null
            ? region.traceOf(blocks, index, word)
            : governor.traceOf(region, blocks, owned, index, word);
    return new Block(
        cell,
        state,
        Blocks.isOwned(word) ? blocks.handle(index, word) : MemoryPool.NO_HANDLE,
        offset(cell),
        size(cell),
        blocks.size(index),
        CoarseClock.millisSince(tick(index)),
        label(index),
        trace == null ? "" : trace.thread(),
        trace == null ? List.of() : trace.frames());
  }

  private int tick(int index) {
    return switch (blocks) {
      case Tier tier -> tier.blocks.tick(index);
      case VariableBlocks any -> any.tick(index);
    };
  }

  private String label(int index) {
    return governor == null || owned == null
        ? ""
        : governor.owners.byNumber(owned.tags.owner(index)).name();
  }
}
