package io.cistern.config;

import com.typesafe.config.ConfigObject;
import io.cistern.PressureLimits;
import io.cistern.config.Profile.Frames;
import io.cistern.config.Profile.Kind;
import io.cistern.config.Profile.PoolSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a whole profile: its text, the overrides, every value, and what the values must be to each
 * other.
 */
final class ProfileReader {
  /** 1 PiB. */
  static final long MAX_BYTES = 1L << 50;

  /** As many as handles can tell apart in one process. */
  private static final int MAX_POOLS = 255;

  private final Section root;
  private final List<PoolSpec> pools = new ArrayList<>();

  /** The section of each pool, of those that were refused too. */
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** Names of the pools with tiers, those among them that were refused too. */
  private final List<String> tiered = new ArrayList<>();

  private ProfileReader(Section root) {
    this.root = root;
  }

  static Profile read(ProfileText text, Overrides overrides) {
    Problems problems = new Problems(text.source(), overrides.origins());
    ConfigObject values = overrides.apply(Hocon.parse(text), problems);
    Profile profile = new ProfileReader(Section.root(values, problems)).read(text);
    problems.orThrow();
    return profile;
  }

  private Profile read(ProfileText text) {
    long budget = root.at("budget").bytes(1, MAX_BYTES);
    readPools(root.at("pools"));
    long fallback = root.at("fallback").bytesOrNone(MAX_BYTES);
    Map<String, Long> buffers = buffers(root.at("buffers"));
    QuotasReader quotas = new QuotasReader();
    QuotasReader.Kept kept = quotas.read(root.at("quotas"));
    PressureLimits pressure = PressureReader.read(root.at("pressure"));
    if (root.sound()) {
      Profile all =
          new Profile(
              text.name(),
              text.source(),
              budget,
              pools,
              null,
              fallback,
              buffers,
              quotas.quotas(),
              pressure);
      new ProfileCheck(root, sections, all).check(kept);
    }
    Frames frames = new FramesReader(tiered, pools).read(root.at("frames"));
    root.end();
    return new Profile(
        text.name(),
        text.source(),
        budget,
        pools,
        frames,
        fallback,
        buffers,
        quotas.quotas(),
        pressure);
  }

  private void readPools(Entry at) {
    Section section = at.section();
    if (section == null) {
      return;
    }
    int pools = section.keys().size();
    if (pools == 0 || pools > MAX_POOLS) {
      at.refuse("must hold from 1 to %d pools, and holds %d".formatted(MAX_POOLS, pools));
    }
    section.named("a pool").forEach(this::readPool);
  }

  private void readPool(String name, Entry at) {
    Section section = at.section();
    if (section == null) {
      return;
    }
    sections.put(name, section);
    Kind kind = section.at("kind").choice(Kind.TIERED);
    if (kind == Kind.TIERED) {
      tiered.add(name);
    }
    // What else a pool may hold depends on its kind, so one of unknown kind is read no further.
    PoolSpec pool = section.sound() ? PoolReader.read(name, kind, section) : null;
    if (pool != null) {
      pools.add(pool);
    }
  }

  private static Map<String, Long> buffers(Entry at) {
    Map<String, Long> buffers = new LinkedHashMap<>();
    Section section = at.isGiven() ? at.section() : null;
    if (section != null) {
      section
          .named("a static buffer")
          .forEach((name, bytes) -> buffers.put(name, bytes.bytes(1, MAX_BYTES)));
    }
    return buffers;
  }
}
