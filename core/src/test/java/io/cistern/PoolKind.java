package io.cistern;

import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Every kind of pool there is. The behavioural suite ({@link MemoryPoolContract}) runs against
 * each; a new kind is one more line in {@link #all()}.
 *
 * @param name shown in test reports
 * @param recipe makes an empty builder one of this kind
 */
record PoolKind(String name, UnaryOperator<MemoryPool.Builder> recipe) {
  static Stream<PoolKind> all() {
    return Stream.concat(shared(), confined());
  }

  /** Kinds that every thread may use. */
  static Stream<PoolKind> shared() {
    return Stream.of(
        new PoolKind("one block", b -> b.tier(64, 1)),
        new PoolKind("one byte", b -> b.tier(1, 3)),
        new PoolKind("small tier", b -> b.tier(256, 32)),
        new PoolKind("64 blocks", b -> b.tier(128, 64)),
        new PoolKind("65 blocks", b -> b.tier(128, 65)),
        new PoolKind("large tier", b -> b.tier(64, 1000)),
        new PoolKind("five tiers", PoolKind::fiveTiers),
        new PoolKind("five tiers, no spill", b -> fiveTiers(b).spill(Spill.OFF)),
        new PoolKind("five tiers, any spill", b -> fiveTiers(b).spill(Spill.ANY)),
        new PoolKind("three blocks in three tiers", PoolKind::threeBlocks),
        new PoolKind("alignment 1", b -> oddTiers(b).alignment(1)),
        new PoolKind("alignment 64", b -> oddTiers(b).alignment(64)),
        new PoolKind("alignment 4096", b -> oddTiers(b).alignment(4096).spill(Spill.ANY)),
        new PoolKind("beyond the table", b -> b.tier(1, 9).tier(65_537, 4).tier(200_001, 70)),
        new PoolKind("64 tiers", PoolKind::manyTiers),
        new PoolKind("zero on allocate", b -> twoTiers(b).zeroing(Zeroing.ON_ALLOCATE)),
        new PoolKind("zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE)));
  }

  /** Kinds that only the thread that opens them may use. */
  private static Stream<PoolKind> confined() {
    return Stream.of(
        new PoolKind("confined tier", b -> b.tier(256, 100).confined()),
        new PoolKind("confined five tiers", b -> fiveTiers(b).confined()),
        new PoolKind("confined, any spill", b -> oddTiers(b).spill(Spill.ANY).confined()),
        new PoolKind(
            "confined, zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE).confined()));
  }

  private static MemoryPool.Builder fiveTiers(MemoryPool.Builder b) {
    return b.tier(512, 8).tier(32, 128).tier(64, 64).tier(256, 16).tier(128, 32);
  }

  private static MemoryPool.Builder threeBlocks(MemoryPool.Builder b) {
    return b.tier(8, 1).tier(16, 1).tier(24, 1).spill(Spill.ANY);
  }

  private static MemoryPool.Builder oddTiers(MemoryPool.Builder b) {
    return b.tier(7, 5).tier(100, 70).tier(1001, 3);
  }

  private static MemoryPool.Builder twoTiers(MemoryPool.Builder b) {
    return b.tier(96, 8).tier(480, 80);
  }

  private static MemoryPool.Builder manyTiers(MemoryPool.Builder b) {
    LongStream.rangeClosed(1, 64).forEach(i -> b.tier(i * i, 1 + (int) i % 3, "square of " + i));
    return b.spill(Spill.ANY);
  }

  MemoryPool.Builder builder() {
    return recipe.apply(MemoryPool.builder()).name(name);
  }

  MemoryPool open(PoolListener... listeners) {
    MemoryPool.Builder builder = builder();
    Stream.of(listeners).forEach(builder::listener);
    return builder.build();
  }

  /** The tiers, smallest blocks first. */
  List<MemoryPool.Builder.TierSpec> tiers() {
    return builder().tiers.stream()
        .sorted(Comparator.comparingLong(MemoryPool.Builder.TierSpec::size))
        .toList();
  }

  /** Sizes at which something changes, and in a pool of small blocks every size. */
  long[] sizes() {
    long max = tiers().getLast().size();
    return max <= 512
        ? LongStream.rangeClosed(1, max).toArray()
        : tiers().stream()
            .flatMapToLong(tier -> LongStream.rangeClosed(tier.size() - 1, tier.size() + 1))
            .filter(size -> size >= 1 && size <= max)
            .distinct()
            .toArray();
  }

  @Override
  public String toString() {
    return name;
  }
}
