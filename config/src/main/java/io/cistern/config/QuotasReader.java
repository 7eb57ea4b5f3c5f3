package io.cistern.config;

import static java.util.stream.Collectors.joining;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the tree of quotas: each has a section, those below it have theirs in that one's {@code
 * quotas}. Whether the guarantees can be kept is known before anything is used:
 *
 * <pre>
 * kept(quota)          = max(its guarantee, Σ kept(those below it))
 * Σ kept(those below) ≤ limit(quota)
 * </pre>
 *
 * which is what core asks for when it adds one after the other, since nothing that is added makes
 * any of these less.
 */
final class QuotasReader {
  /** With the root as many as core can number. */
  private static final int MOST = 65_534;

  private final List<QuotaSpec> quotas = new ArrayList<>();

  /** What those of one section keep of what is above them, by name. */
  record Kept(Map<String, BigInteger> byName) {
    static final Kept NONE = new Kept(Map.of());

    BigInteger total() {
      return byName.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
    }

    boolean isMoreThan(BigInteger bytes) {
      return total().compareTo(bytes) > 0;
    }

    @Override
    public String toString() {
      return byName.entrySet().stream()
          .filter(each -> each.getValue().signum() > 0)
          .map(each -> each.getKey() + " " + each.getValue() + " B")
          .collect(joining(", "));
    }
  }

  /** Reads the section of all quotas, if it is given. */
  Kept read(Entry at) {
    Kept kept = at.isGiven() ? level(at, "", false) : Kept.NONE;
    if (quotas.size() > MOST) {
      at.refuse("must hold at most %d quotas, and holds %d".formatted(MOST, quotas.size()));
    }
    return kept;
  }

  /** Those that were read, each after the one above it. */
  List<QuotaSpec> quotas() {
    return quotas;
  }

  private Kept level(Entry at, String above, boolean aboveIsCritical) {
    Section section = at.section();
    if (section == null) {
      return Kept.NONE;
    }
    Map<String, BigInteger> kept = new LinkedHashMap<>();
    section
        .named("a quota")
        .forEach((name, entry) -> kept.put(name, quota(entry, above + name, aboveIsCritical)));
    return new Kept(kept);
  }

  private BigInteger quota(Entry at, String path, boolean aboveIsCritical) {
    Section section = at.section();
    if (section == null) {
      return BigInteger.ZERO;
    }
    Entry limitAt = section.at("limit");
    long limit = limitAt.bytes(0, ProfileReader.MAX_BYTES);
    long guaranteed = guaranteed(section, limit);
    boolean critical = critical(section.at("critical"), aboveIsCritical);
    quotas.add(new QuotaSpec(path, limit, guaranteed, critical));
    Entry below = section.at("quotas");
    Kept kept = below.isGiven() ? level(below, path + "/", critical) : Kept.NONE;
    section.end();
    if (section.sound() && kept.isMoreThan(BigInteger.valueOf(limit))) {
      limitAt.refuseConflict(
          "must be at least %d B, which are guaranteed below (%s), and is %d B"
              .formatted(kept.total(), kept, limit));
    }
    return kept.total().max(BigInteger.valueOf(guaranteed));
  }

  private static long guaranteed(Section section, long limit) {
    Entry at = section.at("guaranteed");
    long guaranteed = at.bytesOrNone(ProfileReader.MAX_BYTES);
    if (section.sound() && guaranteed > limit) {
      at.refuseConflict("must be at most the limit, which is %d B".formatted(limit));
    }
    return guaranteed;
  }

  private static boolean critical(Entry at, boolean aboveIsCritical) {
    boolean critical = at.isOn(aboveIsCritical);
    if (aboveIsCritical && !critical) {
      at.refuseConflict("must be on below a quota that is critical");
    }
    return critical;
  }
}
