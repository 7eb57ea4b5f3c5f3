package io.cistern.simulator.tune;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tuner found, and what else there would have been.
 *
 * @param plan the tiers, headroom included
 * @param withoutHeadroom the same tiers with as many blocks as the traces need
 * @param powersOfTwo tiers of powers of two for the same traces, counted in the same way and with
 *     the same headroom
 * @param powersOfTwoAlone the same, where no tier counts on borrowing: each has its own peak
 * @param peakLiveBytes the most bytes that a trace has live at once: no pool does with less
 * @param variableRegionBytes the smallest region in which a pool of variable sizes completes each
 *     trace; null when one does not complete with 2.5 times its peak
 * @param uses of the plan's memory, when the most bytes are live
 */
public record Tuning(
    TierPlan plan,
    TierPlan withoutHeadroom,
    TierPlan powersOfTwo,
    TierPlan powersOfTwoAlone,
    long peakLiveBytes,
    @Nullable Long variableRegionBytes,
    List<TierUse> uses) {
  /** Copies the list of uses. */
  public Tuning {
    uses = List.copyOf(uses);
  }
}
