package io.cistern.config;

import static java.util.stream.Collectors.joining;

import io.cistern.config.Profile.Frames;
import io.cistern.config.Profile.Oversize;
import io.cistern.config.Profile.PoolSpec;
import io.cistern.config.Profile.TierSpec;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads how frames are taken from the pools. Where one pool alone has tiers, nothing need be said:
 * frames come from it.
 *
 * @param candidates names of the pools with tiers, those among them that were refused too
 * @param pools those that were not refused
 */
record FramesReader(List<String> candidates, List<PoolSpec> pools) {

  /**
   * Gives the frames, or null when the profile does not tell where they come from, or was refused.
   */
  @Nullable Frames read(Entry at) {
    if (!at.isGiven()) {
      return candidates.size() == 1
          ? new Frames(candidates.getFirst(), OptionalLong.empty(), Oversize.CLOSE)
          : null;
    }
    Section frames = at.section();
    if (frames == null) {
      return null;
    }
    String pool = pool(frames.at("pool"));
    OptionalLong block = block(frames, pool);
    Oversize oversize = frames.at("oversize").choice(Oversize.CLOSE);
    frames.end();
    return new Frames(pool, block, oversize);
  }

  private String pool(Entry at) {
    if (candidates.isEmpty()) {
      at.refuse("must be a pool with tiers, and there is none");
      return "";
    }
    return !at.isGiven() && candidates.size() == 1 ? candidates.getFirst() : at.oneOf(candidates);
  }

  private OptionalLong block(Section frames, String pool) {
    Entry at = frames.at("block");
    if (!at.isGiven()) {
      return OptionalLong.empty();
    }
    long block = at.bytes(1, PoolReader.MAX_BLOCK);
    if (frames.sound()) {
      pools.stream()
          .filter(spec -> spec.name().equals(pool))
          .forEach(spec -> checkBlock(at, block, spec));
    }
    return OptionalLong.of(block);
  }

  private static void checkBlock(Entry at, long block, PoolSpec pool) {
    List<Long> sizes = pool.tiers().stream().map(TierSpec::size).toList();
    if (!sizes.contains(block)) {
      String allowed = sizes.stream().map(Values::size).collect(joining(", "));
      at.refuseConflict(
          "must be the block size of a tier of pool '%s': %s".formatted(pool.name(), allowed));
    }
  }
}
