package io.cistern;

import static io.cistern.CheckLevel.CHECKED;
import static io.cistern.CheckLevel.GUARDED;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Every kind of pool there is. The behavioural suite ({@link MemoryPoolContract}) runs against
 * each; a new kind is one more line in {@link #shared()} or {@link #confined()}.
 *
 * <p>What a kind can serve is said without regard to what it is made of: a list of requests that
 * together take everything ({@link #fill()}), and the sizes worth asking for ({@link #sizes()}).
 *
 * @param name shown in test reports
 * @param recipe makes an empty builder one of this kind
 */
record PoolKind(String name, UnaryOperator<MemoryPool.Builder> recipe) {
  /** What blocks of a pool of any size are multiples of, in bytes. */
  private static final int GRANULE = 8;

  private static final int EVERY_SIZE_UP_TO = 512;

  static Stream<PoolKind> all() {
    return Stream.concat(shared(), confined());
  }

  /** Kinds that are made of tiers. */
  static Stream<PoolKind> tiered() {
    return all().filter(kind -> !kind.isVariable());
  }

  /** Kinds that every thread may use. */
  static Stream<PoolKind> shared() {
    return Stream.concat(standard(), checked());
  }

  private static Stream<PoolKind> standard() {
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
        new PoolKind("zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE)),
        new PoolKind("any size", b -> b.variable(10_001)),
        new PoolKind("any size, one granule", b -> b.variable(1)),
        new PoolKind("any size, three blocks", b -> b.variable(4096, 3)),
        new PoolKind("any size, alignment 64", b -> b.variable(6400).alignment(64)),
        new PoolKind(
            "any size, zero on allocate", b -> b.variable(4096).zeroing(Zeroing.ON_ALLOCATE)),
        new PoolKind("any size, zero on free", b -> b.variable(4096).zeroing(Zeroing.ON_FREE)),
        new PoolKind("labelled", b -> fiveTiers(b).labels()),
        new PoolKind("labelled, any spill", b -> oddTiers(b).spill(Spill.ANY).labels()),
        new PoolKind("labelled, one block", b -> b.tier(64, 1).labels()),
        new PoolKind("labelled, zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE).labels()),
        new PoolKind(
            "labelled, zero on allocate", b -> twoTiers(b).zeroing(Zeroing.ON_ALLOCATE).labels()),
        new PoolKind("labelled, any size", b -> b.variable(4096).labels()),
        new PoolKind(
            "labelled, any size, zero on free",
            b -> b.variable(4096).zeroing(Zeroing.ON_FREE).labels()),
        new PoolKind("recorded, labelled", b -> recorded(fiveTiers(b).labels())),
        new PoolKind("recorded tiers", b -> recorded(fiveTiers(b))),
        new PoolKind("recorded, any size", b -> recorded(b.variable(2048))));
  }

  /** Kinds that only the thread that opens them may use. */
  private static Stream<PoolKind> confined() {
    return Stream.of(
        new PoolKind("confined tier", b -> b.tier(256, 100).confined()),
        new PoolKind("confined five tiers", b -> fiveTiers(b).confined()),
        new PoolKind("confined, any spill", b -> oddTiers(b).spill(Spill.ANY).confined()),
        new PoolKind(
            "confined, zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE).confined()),
        new PoolKind("confined, labelled", b -> fiveTiers(b).labels().confined()),
        new PoolKind("confined, labelled, any size", b -> b.variable(1024).labels().confined()),
        new PoolKind("confined, any size", b -> b.variable(4096).confined()),
        new PoolKind(
            "confined, any size, zero on free",
            b -> b.variable(2048, 20).zeroing(Zeroing.ON_FREE).confined()),
        new PoolKind("confined, checked", b -> fiveTiers(b).checks(CHECKED).confined()),
        new PoolKind(
            "confined, checked, any size", b -> b.variable(2048).checks(CHECKED).confined()),
        new PoolKind("confined, guarded", b -> b.tier(128, 10).checks(GUARDED).confined()),
        new PoolKind("confined, recorded, any size", b -> recorded(b.variable(512)).confined()));
  }

  /** Kinds that are checked: the same behaviour is asked of them. */
  private static Stream<PoolKind> checked() {
    return Stream.of(
        new PoolKind("checked, one block", b -> b.tier(64, 1).checks(CHECKED)),
        new PoolKind("checked, 65 blocks", b -> b.tier(128, 65).checks(CHECKED)),
        new PoolKind("checked, five tiers", b -> fiveTiers(b).checks(CHECKED)),
        new PoolKind(
            "checked, alignment 64",
            b -> oddTiers(b).alignment(64).spill(Spill.ANY).checks(CHECKED)),
        new PoolKind(
            "checked, no red zone, no quarantine",
            b -> oddTiers(b).checks(CheckSettings.of(CHECKED).withRedZone(0).withQuarantine(0))),
        new PoolKind("checked, labelled", b -> fiveTiers(b).labels().checks(CHECKED)),
        new PoolKind(
            "checked, zero on free", b -> twoTiers(b).zeroing(Zeroing.ON_FREE).checks(CHECKED)),
        new PoolKind(
            "checked, zero on allocate",
            b -> twoTiers(b).zeroing(Zeroing.ON_ALLOCATE).checks(CHECKED)),
        new PoolKind("checked, any size", b -> b.variable(4096).checks(CHECKED)),
        new PoolKind(
            "checked, any size, zero on free, alignment 64",
            b -> b.variable(6400).alignment(64).zeroing(Zeroing.ON_FREE).checks(CHECKED)),
        new PoolKind("checked, recorded", b -> recorded(fiveTiers(b).checks(CHECKED))),
        new PoolKind("guarded, one block", b -> b.tier(64, 1).checks(GUARDED)),
        new PoolKind("guarded, three tiers", b -> oddTiers(b).spill(Spill.ANY).checks(GUARDED)),
        new PoolKind(
            "guarded, zero on free", b -> b.tier(96, 8).zeroing(Zeroing.ON_FREE).checks(GUARDED)),
        new PoolKind("guarded, any size", b -> b.variable(1024).checks(GUARDED)));
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

  private static MemoryPool.Builder recorded(MemoryPool.Builder b) {
    return b.recordTo(TraceFiles.next());
  }

  MemoryPool.Builder builder() {
    return recipe.apply(MemoryPool.builder()).name(name);
  }

  MemoryPool open(PoolListener... listeners) {
    MemoryPool.Builder builder = builder();
    Stream.of(listeners).forEach(builder::listener);
    return builder.build();
  }

  /** Whether its blocks are of any size, and not of tiers. */
  boolean isVariable() {
    return builder().variableBytes != 0;
  }

  boolean isConfined() {
    return builder().owner != null;
  }

  CheckLevel level() {
    return builder().checks.level();
  }

  Zeroing zeroing() {
    return builder().zeroing;
  }

  /** The tiers, smallest blocks first; none in a pool of any size. */
  List<MemoryPool.Builder.TierSpec> tiers() {
    return builder().tiers.stream()
        .sorted(Comparator.comparingLong(MemoryPool.Builder.TierSpec::size))
        .toList();
  }

  /**
   * Requests that, in this order, take every byte of an empty pool, each the full size of its
   * block. The last is the largest, or as large as any.
   */
  long[] fill() {
    return isVariable()
        ? fillVariable(builder())
        : tiers().stream()
            .flatMapToLong(t -> LongStream.generate(t::size).limit(t.count()))
            .toArray();
  }

  /** One unit, two, three and so on; the last gets what is left. */
  private static long[] fillVariable(MemoryPool.Builder builder) {
    long unit = Math.max(GRANULE, builder.alignment);
    long left = builder.regionBytes();
    List<Long> sizes = new ArrayList<>();
    for (long size = unit;
        left >= size + (size + unit) && sizes.size() + 1 < builder.variableBlocks;
        size += unit) {
      sizes.add(size);
      left -= size;
    }
    sizes.add(left);
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  /** The last, and largest, of {@link #fill()}. */
  long lastSize() {
    long[] fill = fill();
    return fill[fill.length - 1];
  }

  /** Bytes that a block has which serves a request of this size in an empty pool. */
  long granted(long size) {
    return isVariable()
        ? (size + GRANULE - 1) / GRANULE * GRANULE
        : tiers().stream().filter(t -> t.size() >= size).findFirst().orElseThrow().size();
  }

  private long largest() {
    return isVariable() ? builder().regionBytes() : tiers().getLast().size();
  }

  /** Sizes at which something changes, and in a pool of small blocks every size. */
  long[] sizes() {
    long max = largest();
    return max <= EVERY_SIZE_UP_TO
        ? LongStream.rangeClosed(1, max).toArray()
        : LongStream.concat(LongStream.of(1, max), LongStream.of(fill()).distinct())
            .flatMap(size -> LongStream.rangeClosed(size - 1, size + 1))
            .filter(size -> size >= 1 && size <= max)
            .distinct()
            .toArray();
  }

  /** What a block is called in messages. */
  String describe(long handle) {
    if (isVariable()) {
      HandleParts parts = HandleParts.of(handle, 1);
      return "block %d, generation %d, of pool '%s'"
          .formatted(parts.block(), parts.generation(), name);
    }
    HandleParts parts = HandleParts.of(handle, tiers().size());
    return "block %d of %d B, generation %d, of pool '%s'"
        .formatted(parts.block(), tiers().get(parts.tier()).size(), parts.generation(), name);
  }

  @Override
  public String toString() {
    return name;
  }
}
