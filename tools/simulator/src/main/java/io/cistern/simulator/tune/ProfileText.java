package io.cistern.simulator.tune;

import io.cistern.simulator.Trace;
import java.util.List;
import java.util.Locale;

/** A profile with one pool of given tiers, as text that {@code Profile.load} reads. */
public final class ProfileText {
  private static final int WIDTH = 118;

  private ProfileText() {}

  /**
   * Writes a profile.
   *
   * @param plan the tiers
   * @param name of the profile
   * @param traces that it was made for
   * @param budgetBytes limit over the region, at least as large as that
   * @param headroom that is in the counts, as a share
   * @return HOCON
   */
  public static String of(
      TierPlan plan, String name, List<Trace> traces, long budgetBytes, double headroom) {
    StringBuilder text = new StringBuilder();
    comment(text, "%s: tiers for %s, found by cistern tune.".formatted(name, names(traces)));
    comment(text, counts(plan, headroom));
    text.append("\nbudget = ").append(budgetBytes).append(" B\n\n");
    text.append("pools.main {\n  spill = any\n  tiers = [\n");
    for (TierPlan.Tier tier : plan.tiers()) {
      text.append(
          "    { size = %d B, count = %d }\n".formatted(tier.blockSizeBytes(), tier.count()));
    }
    return text.append("  ]\n}\n").toString();
  }

  private static String names(List<Trace> traces) {
    return String.join(", ", traces.stream().map(Trace::name).toList());
  }

  private static String counts(TierPlan plan, double headroom) {
    String room =
        headroom == 0
            ? "as many as the traces need"
            : String.format(Locale.ROOT, "%.0f %% more than the traces need", 100 * headroom);
    return String.format(
        Locale.ROOT, "%,d B in %,d blocks, %s.", plan.regionBytes(), plan.blocks(), room);
  }

  /** Breaks a comment into lines; a name of a file may hold anything but a line's end. */
  private static void comment(StringBuilder text, String words) {
    StringBuilder line = new StringBuilder("#");
    for (String word : words.replaceAll("\\p{Cntrl}", "?").split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH && line.length() > 1) {
        text.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
