package io.cistern;

import io.cistern.BlockMap.Slab;
import io.cistern.BlockMap.State;
import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link BlockMap}: region by region, tier by tier, over the state words, which are the
 * truth. What else is known of a block (its age, its label) is read after its word and may be of a
 * later allocation: a cell on a screen may be a moment old, and is right at the next look.
 */
final class BlockWalk {
  private static final int INDEX_BITS = HandleFormat.INDEX_BITS;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
  private static final int MOST_LABELS = 1 << 16;

  private final @Nullable Owners owners;
  private final List<Slab> slabs = new ArrayList<>();
  private final List<MapPart> parts = new ArrayList<>();
  private final Map<String, Integer> labels = new LinkedHashMap<>();
  private int[] cells = new int[0];
  private int count;

  /** By number of the owner, one more than the number of its label; 0 while that is not known. */
  private int[] labelsByOwner = new int[8];

  private BlockWalk(@Nullable Governor governor) {
    this.owners = governor != null && governor.labels ? governor.owners : null;
    labels.put("", 0);
  }

  static BlockMap over(PoolBase pool) {
    BlockWalk walk = new BlockWalk(pool.governor());
    if (!pool.isClosed()) {
      walk.pool(pool);
    }
    return new BlockMap(
        pool.name(),
        walk.slabs,
        walk.parts,
        List.copyOf(walk.labels.keySet()),
        Arrays.copyOf(walk.cells, walk.count));
  }

  private void pool(PoolBase pool) {
    switch (pool) {
      case RecordedPool recorded -> pool(recorded.recorded());
      case GovernedPool governed -> governed(governed.governor());
      case RegionPool region -> {
        for (int tier = 0; tier < region.tierCount(); tier++) {
          add(0, new MapPart(region, region.blocks(tier), null, null, count));
        }
      }
    }
  }

  private void governed(Governor governor) {
    Regions.One[] regions = governor.regions.list();
    for (int number = 0; number < regions.length; number++) {
      RegionPool region = regions[number].pool;
      for (int tier = 0; tier < region.tierCount(); tier++) {
        GovernedBlocks owned = regions[number].blocksOfInner(tier);
        add(number, new MapPart(region, region.blocks(tier), owned, governor, count));
      }
    }
    governor.withdrawn.forEach(this::withdrawn);
  }

  private void add(int region, MapPart part) {
    parts.add(part);
    switch (part.blocks) {
      case Tier tier -> tier(region, tier, part);
      case VariableBlocks pieces -> pieces(region, pieces, part);
    }
  }

  private void slab(int region, long blockSize, String label, int more) {
    slabs.add(new Slab(region, blockSize, label, count, more));
    count += more;
    if (count > cells.length) {
      cells = Arrays.copyOf(cells, Math.max(count, 2 * cells.length));
    }
  }

  // --- tiers ----------------------------------------------------------------------------------

  private void tier(int region, Tier tier, MapPart part) {
    slab(region, tier.slab.blockSize(), tier.slab.label(), tier.count());
    Blocks blocks = tier.blocks;
    for (int index = 0; index < tier.count(); index++) {
      State state = state(blocks.word(index), blocks.lost());
      if (state != State.FREE) {
        long age = CoarseClock.millisSince(blocks.tick(index));
        cells[part.first + index] = BlockMap.cell(state, age, label(part, index));
      }
    }
    blocks.forEachQuarantined(index -> quarantined(part.first + index));
  }

  /** Unless it has been allocated again since its word was read. */
  private void quarantined(int cell) {
    if (cells[cell] == 0) {
      cells[cell] = State.QUARANTINED.code();
    }
  }

  private void withdrawn(long handle) {
    for (MapPart part : parts) {
      if (part.has(handle)) {
        cells[part.first + part.region.block(handle)] = State.WITHDRAWN.code();
      }
    }
  }

  static State state(long word, int lost) {
    if ((word & 1) == 0) {
      return State.FREE;
    }
    if (Blocks.isPinned(word)) {
      return State.PINNED;
    }
    return word < 0 && lost > 0 ? State.LOST : State.USED;
  }

  private int label(MapPart part, int index) {
    if (owners == null || part.owned == null) {
      return 0;
    }
    int owner = part.owned.tags.owner(index);
    if (owner >= labelsByOwner.length) {
      labelsByOwner = Arrays.copyOf(labelsByOwner, 2 * owner);
    }
    if (labelsByOwner[owner] == 0) {
      labelsByOwner[owner] = 1 + number(owners.byNumber(owner).name());
    }
    return labelsByOwner[owner] - 1;
  }

  private int number(String label) {
    return labels.size() == MOST_LABELS ? 0 : labels.computeIfAbsent(label, l -> labels.size());
  }

  // --- pieces of any size ---------------------------------------------------------------------

  private void pieces(int region, VariableBlocks blocks, MapPart part) {
    long[] places = places(blocks);
    MapPieces pieces = new MapPieces(blocks.regionBytes(), places.length);
    for (long place : places) {
      int index = (int) place & INDEX_MASK;
      long word = blocks.word(index);
      long length = blocks.length(index);
      int age = blocks.tick(index);
      int label = label(part, index);
      VarHandle.loadLoadFence();
      if ((word & 1) != 0 && word == blocks.word(index)) {
        State state = state(word, blocks.lost());
        int cell = BlockMap.cell(state, CoarseClock.millisSince(age), label);
        pieces.add(place >>> INDEX_BITS, length, index, cell);
      }
    }
    pieces.end();
    slab(region, 0, "", pieces.count());
    pieces.copyCells(cells, part.first);
    part.pieces = pieces;
  }

  /** Where each used block begins, and its number, by place. */
  private static long[] places(VariableBlocks blocks) {
    long[] places = new long[blocks.count()];
    int count = 0;
    for (int index = 0; index < places.length; index++) {
      if ((blocks.word(index) & 1) != 0) {
        places[count++] = blocks.place(index) << INDEX_BITS | index;
      }
    }
    Arrays.sort(places, 0, count);
    return Arrays.copyOf(places, count);
  }
}
