package io.cistern.config;

import static java.util.stream.Collectors.joining;

import com.typesafe.config.ConfigObject;
import io.cistern.config.Profile.Frames;
import io.cistern.config.Profile.Kind;
import io.cistern.config.Profile.PoolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads a whole profile: its text, the overrides, every value, and what the values must be to each
 * other.
 */
final class ProfileReader {
  /** 1 PiB. */
  private static final long MAX_BUDGET = 1L << 50;

  /** As many as handles can tell apart in one process. */
  private static final int MAX_POOLS = 255;

  private static final Pattern POOL_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  private final Section root;
  private final List<PoolSpec> pools = new ArrayList<>();

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
    Entry budget = root.at("budget");
    long budgetBytes = budget.bytes(1, MAX_BUDGET);
    readPools(root.at("pools"));
    if (root.sound()) {
      checkBudget(budget, budgetBytes);
    }
    Frames frames = new FramesReader(tiered, pools).read(root.at("frames"));
    root.end();
    return new Profile(text.name(), text.source(), budgetBytes, pools, frames);
  }

  private void readPools(Entry at) {
    Section section = at.section();
    if (section == null) {
      return;
    }
    List<String> names = section.keys();
    if (names.isEmpty() || names.size() > MAX_POOLS) {
      at.refuse("must hold from 1 to %d pools, and holds %d".formatted(MAX_POOLS, names.size()));
    }
    names.forEach(name -> readPool(name, section.at(name)));
  }

  private void readPool(String name, Entry at) {
    if (!POOL_NAME.matcher(name).matches()) {
      at.refuse("a pool's name must be a letter followed by letters, digits, '-' or '_'");
      return;
    }
    Section section = at.section();
    if (section == null) {
      return;
    }
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

  private void checkBudget(Entry budget, long budgetBytes) {
    long needed = pools.stream().mapToLong(ProfileReader::regionBytes).sum();
    if (needed > budgetBytes) {
      String each =
          pools.stream()
              .map(pool -> pool.name() + " " + regionBytes(pool) + " B")
              .collect(joining(", "));
      budget.refuseConflict(
          "must be at least %d B, which the pools need (%s), and is %d B"
              .formatted(needed, each, budgetBytes));
    }
  }

  private static long regionBytes(PoolSpec pool) {
    return pool.builder().regionBytes();
  }
}
