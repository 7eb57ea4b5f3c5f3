package io.cistern.simulator.tune;

import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a tier's memory at the moment at which the most bytes are live.
 *
 * <pre>
 *   blockSizeBytes · count = askedBytes + wastedBytes + idleBytes
 * </pre>
 *
 * @param blockSizeBytes size of a block
 * @param count number of blocks
 * @param askedBytes asked for, by those who hold blocks
 * @param wastedBytes the rest of these blocks
 * @param idleBytes in free blocks
 */
public record TierUse(
    int blockSizeBytes, int count, long askedBytes, long wastedBytes, long idleBytes) {

  static List<TierUse> of(Demand demand, SpillModel model, int[] blockSizes, int[] counts) {
    int[] askedOf = new int[demand.blockCount];
    byte[] places = model.places(counts, momentOfPeak(demand, askedOf));
    long[] asked = new long[counts.length];
    int[] used = new int[counts.length];
    for (int block = 0; block < places.length; block++) {
      if (places[block] >= 0) {
        asked[places[block]] += askedOf[block];
        used[places[block]]++;
      }
    }
    List<TierUse> uses = new ArrayList<>();
    for (int tier = 0; tier < counts.length; tier++) {
      if (counts[tier] > 0) {
        uses.add(use(blockSizes[tier], counts[tier], used[tier], asked[tier]));
      }
    }
    return uses;
  }

  private static TierUse use(int size, int count, int used, long asked) {
    long granted = (long) size * used;
    return new TierUse(size, count, asked, granted - asked, (long) size * (count - used));
  }

  /** How many operations are done when the most bytes are live, and what each block has then. */
  private static int momentOfPeak(Demand demand, int[] askedOf) {
    int[] now = new int[demand.blockCount];
    long live = 0;
    long most = -1;
    int moment = 0;
    for (int i = 0; i < demand.operations(); i++) {
      int block = demand.blocks[i];
      live += demand.asked[i] - now[block];
      now[block] = demand.asked[i];
      if (live > most) {
        most = live;
        moment = i + 1;
      }
    }
    for (int i = 0; i < moment; i++) {
      askedOf[demand.blocks[i]] = demand.asked[i];
    }
    return moment;
  }
}
