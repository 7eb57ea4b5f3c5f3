package io.cistern.config;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.Spill;
import io.cistern.Zeroing;
import io.cistern.config.Profile.ElementType;
import io.cistern.config.Profile.Kind;
import io.cistern.config.Profile.PoolSpec;
import io.cistern.config.Profile.Shape;
import io.cistern.config.Profile.TierSpec;
import io.cistern.config.Profile.VariableSpec;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the section of one pool. What a pool of each kind may hold is exactly what is asked for
 * here.
 */
final class PoolReader {
  static final String SHARED = "shared";
  static final int MAX_BLOCK = 1 << 30;
  private static final long MAX_REGION = (long) Integer.MAX_VALUE * 8;
  private static final int MAX_COUNT = 1 << 24;
  private static final int MAX_DIMENSIONS = 8;
  private static final int MAX_ALIGNMENT = 4096;
  private static final int MAX_REGIONS = 200;
  private static final int MAX_RED_ZONE = 1 << 16;
  private static final int MAX_BYTE = 255;
  private static final int GRANULE = 8;
  private static final int MAX_SAMPLES = 100_000;
  private static final int LEAK_SAMPLES = 1000;
  private static final Duration MAX_IDLE = Duration.ofDays(365);

  private final Section pool;

  private PoolReader(Section pool) {
    this.pool = pool;
  }

  /** Gives the pool of this section, or null when something in it was refused. */
  static @Nullable PoolSpec read(String name, Kind kind, Section pool) {
    return new PoolReader(pool).read(name, kind);
  }

  private @Nullable PoolSpec read(String name, Kind kind) {
    List<TierSpec> tiers =
        switch (kind) {
          case TIERED -> tiers();
          case BLOCKS -> List.of(blocks());
          case VARIABLE -> List.of();
        };
    VariableSpec variable = kind == Kind.VARIABLE ? variable() : null;
    Spill spill = kind == Kind.TIERED ? pool.at("spill").choice(Spill.NEXT) : Spill.OFF;
    Zeroing zeroing = pool.at("zeroing").choice(Zeroing.OFF);
    int alignment = pool.at("alignment").powerOfTwo(leastAlignment(tiers), MAX_ALIGNMENT, 8);
    double low = pool.at("lowPercent").percent(80);
    double critical = pool.at("criticalPercent").percent(95);
    checkOrder(low, critical);
    PoolOptions options = options();
    pool.end();
    return pool.sound()
        ? fitting(
            new PoolSpec(
                name, kind, tiers, variable, spill, zeroing, alignment, low, critical, options))
        : null;
  }

  private PoolOptions options() {
    Section checks = pool.at("checks").isGiven() ? pool.at("checks").section() : null;
    PoolOptions options =
        new PoolOptions(
            pool.at("enabled").isOn(true),
            pool.at("labels").isOn(false),
            pool.at("resizable").isOn(false),
            pool.at("reserve").bytesOrNone(ProfileReader.MAX_BYTES),
            fallback(pool.at("fallback")),
            regions(pool.at("regions")),
            checks == null ? CheckSettings.of(CheckLevel.STANDARD) : checks(checks),
            checks == null ? LEAK_SAMPLES : leakSamples(checks));
    if (checks != null) {
      checks.end();
    }
    if (pool.sound() && !options.enabled() && !options.hasFallback()) {
      pool.at("enabled").refuseConflict("must be on in a pool that has no fallback");
    }
    return options;
  }

  private static CheckSettings checks(Section checks) {
    CheckLevel level = checks.at("level").choice(CheckLevel.STANDARD);
    CheckSettings usual = CheckSettings.of(level);
    Entry redZone = checks.at("redZone");
    Entry poison = checks.at("poison");
    Entry quarantine = checks.at("quarantine");
    int zone = redZone.isGiven() ? (int) redZone.bytes(0, MAX_RED_ZONE) : usual.redZoneBytes();
    if (zone % GRANULE != 0) {
      redZone.refuse("must be a multiple of " + GRANULE);
      zone = 0;
    }
    return new CheckSettings(
        level,
        zone,
        poison.isGiven() ? Math.clamp(poison.whole(1, MAX_BYTE), 1, MAX_BYTE) : usual.poison(),
        quarantine.isGiven() ? quarantine.whole(0, MAX_COUNT) : usual.quarantineBlocks());
  }

  private static int leakSamples(Section checks) {
    Entry samples = checks.at("leakSamples");
    return samples.isGiven() ? samples.whole(0, MAX_SAMPLES) : LEAK_SAMPLES;
  }

  private static PoolOptions.Fallback fallback(Entry at) {
    return at.is(SHARED)
        ? PoolOptions.Fallback.SHARED
        : new PoolOptions.Fallback(at.bytesOrNone(ProfileReader.MAX_BYTES, SHARED), false);
  }

  private static PoolOptions.Regions regions(Entry at) {
    Section regions = at.isGiven() ? at.section() : null;
    if (regions == null) {
      return PoolOptions.Regions.ONE;
    }
    Entry leastAt = regions.at("least");
    Entry mostAt = regions.at("most");
    int least = leastAt.isGiven() ? leastAt.whole(0, MAX_REGIONS) : 1;
    int most = mostAt.isGiven() ? mostAt.whole(1, MAX_REGIONS) : Math.max(1, least);
    Duration idle = regions.at("idle").time(MAX_IDLE, PoolOptions.Regions.ONE.idle());
    if (regions.sound() && most < least) {
      mostAt.refuseConflict("must be at least 'least', which is " + least);
    }
    regions.end();
    return new PoolOptions.Regions(least, most, idle);
  }

  private List<TierSpec> tiers() {
    List<TierSpec> tiers = new ArrayList<>();
    Map<Long, Entry> bySize = new HashMap<>();
    for (Entry element : pool.at("tiers").elements()) {
      Section tier = element.section();
      if (tier != null) {
        tiers.add(tier(tier, bySize));
      }
    }
    return tiers;
  }

  private static TierSpec tier(Section tier, Map<Long, Entry> bySize) {
    Entry at = tier.at("size");
    long size = at.bytes(1, MAX_BLOCK);
    Entry same = tier.sound() ? bySize.putIfAbsent(size, at) : null;
    if (same != null) {
      at.refuseConflict("must differ from every other tier's, and equals " + same.path());
    }
    int count = tier.at("count").whole(1, MAX_COUNT);
    String label = tier.at("label").text();
    tier.end();
    return new TierSpec(size, count, label, null);
  }

  private VariableSpec variable() {
    long size = pool.at("size").bytes(1, MAX_REGION);
    Entry most = pool.at("maxBlocks");
    return new VariableSpec(size, most.isGiven() ? most.whole(1, MAX_COUNT) : MAX_COUNT);
  }

  private TierSpec blocks() {
    ElementType type = pool.at("type").choice(ElementType.DOUBLE);
    Shape shape = new Shape(dimensions(type), type);
    int count = pool.at("count").whole(1, MAX_COUNT);
    String label = pool.at("label").text();
    return new TierSpec(pool.sound() ? shape.bytes() : 1, count, label, shape);
  }

  private List<Integer> dimensions(ElementType type) {
    Entry shape = pool.at("shape");
    List<Integer> dimensions =
        shape.elements().stream().map(one -> one.whole(1, MAX_BLOCK)).toList();
    if (dimensions.size() > MAX_DIMENSIONS) {
      shape.refuse(
          "must have from 1 to %d dimensions, and has %d"
              .formatted(MAX_DIMENSIONS, dimensions.size()));
    }
    BigInteger bytes =
        dimensions.stream()
            .map(BigInteger::valueOf)
            .reduce(BigInteger.valueOf(type.bytes()), BigInteger::multiply);
    if (bytes.compareTo(BigInteger.valueOf(MAX_BLOCK)) > 0) {
      shape.refuse(
          "must give blocks of at most %s, and gives %d B"
              .formatted(Values.size(MAX_BLOCK), bytes));
    }
    return dimensions;
  }

  /** Numbers lie at multiples of their own size. */
  private static int leastAlignment(List<TierSpec> tiers) {
    return tiers.stream()
        .map(TierSpec::shape)
        .mapToInt(s -> s == null ? 1 : s.type().bytes())
        .max()
        .orElse(1);
  }

  private void checkOrder(double low, double critical) {
    if (low >= critical) {
      Entry at = pool.at("criticalPercent");
      if (at.isGiven()) {
        at.refuseConflict("must be above lowPercent, which is " + Values.show(low));
      } else {
        pool.at("lowPercent")
            .refuseConflict("must be below criticalPercent, which is " + Values.show(critical));
      }
    }
  }

  /**
   * The last word on what fits into one pool is core's, which knows how a handle divides its bits.
   */
  private @Nullable PoolSpec fitting(PoolSpec spec) {
    try {
      spec.builder().regionBytes();
      return spec;
    } catch (IllegalArgumentException refused) {
      String decides =
          switch (spec.kind()) {
            case TIERED -> "tiers";
            case BLOCKS -> "count";
            case VARIABLE -> "size";
          };
      pool.at(decides).refuseConflict(String.valueOf(refused.getMessage()));
      return null;
    }
  }
}
