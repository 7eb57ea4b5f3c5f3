package io.cistern.config;

import io.cistern.PressureLimits;

/** Reads at which use, free bytes and fragmentation the pools and the whole are pressed. */
final class PressureReader {
  private static final PressureLimits PRESET = PressureLimits.defaults();

  private PressureReader() {}

  static PressureLimits read(Entry at) {
    Section section = at.isGiven() ? at.section() : null;
    if (section == null) {
      return PRESET;
    }
    double lowUsed = section.at("lowPercent").percent(PRESET.lowUsedPercent());
    double criticalUsed = section.at("criticalPercent").percent(PRESET.criticalUsedPercent());
    long lowFree = section.at("lowFree").bytesOrNone(ProfileReader.MAX_BYTES);
    long criticalFree = section.at("criticalFree").bytesOrNone(ProfileReader.MAX_BYTES);
    double lowFragmentation =
        section.at("lowFragmentation").percent(PRESET.lowFragmentationPercent());
    double criticalFragmentation =
        section.at("criticalFragmentation").percent(PRESET.criticalFragmentationPercent());
    above(section, "lowPercent", lowUsed, "criticalPercent", criticalUsed);
    above(
        section,
        "lowFragmentation",
        lowFragmentation,
        "criticalFragmentation",
        criticalFragmentation);
    if (criticalFree > lowFree) {
      section
          .at("criticalFree")
          .refuseConflict("must be at most lowFree, which is " + Values.size(lowFree));
    }
    section.end();
    return section.sound()
        ? PRESET
            .withUsedPercent(lowUsed, criticalUsed)
            .withFreeBytes(lowFree, criticalFree)
            .withFragmentationPercent(lowFragmentation, criticalFragmentation)
        : PRESET;
  }

  /** Refuses whichever of the two is given, if they are not in order. */
  private static void above(
      Section section, String lowKey, double low, String criticalKey, double critical) {
    if (low >= critical) {
      Entry at = section.at(criticalKey);
      if (at.isGiven()) {
        at.refuseConflict("must be above %s, which is %s".formatted(lowKey, Values.show(low)));
      } else {
        section
            .at(lowKey)
            .refuseConflict(
                "must be below %s, which is %s".formatted(criticalKey, Values.show(critical)));
      }
    }
  }
}
