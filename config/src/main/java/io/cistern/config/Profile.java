package io.cistern.config;

import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import io.cistern.PressureLimits;
import io.cistern.Spill;
import io.cistern.Zeroing;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The pools of one application as a value: what they are called, which blocks they hold, and the
 * byte budget over them all. A profile is a HOCON file; {@code docs/profiles.md} lists every key.
 * Six are shipped and are loaded by their name, any other by its path:
 *
 * {@snippet :
 * try (PoolManager pools = Profile.load("prism").open();
 *     MemoryBlock block = pools.pool("main").allocate(200)) {
 *   block.segment().setString(0, "hello");
 * }
 * }
 *
 * <p>Loading checks everything, so that a profile which loads also opens, unless the operating
 * system refuses the memory. Nothing is repaired or ignored: a profile with an unknown key or a
 * value out of range is refused as a whole, with every problem that it has.
 *
 * <p>Immutable, and safe for use by several threads.
 *
 * @param name of a shipped profile, or the file's name without {@code .conf}
 * @param source where it was read: the path as given, or the file name of a shipped profile
 * @param budgetBytes limit over the regions of all pools, static buffers and fallback memory
 * @param pools in the order of the file
 * @param frames how a gateway takes frames from the pools; null when the profile does not say from
 *     which pool and there is not exactly one with tiers, as in {@code numeric}, which has none
 * @param fallbackBytes fallback memory that may be live, over all pools that share it
 * @param buffers bytes of each static buffer, by name, in the order of the file
 * @param quotas each after the one above it
 * @param pressure limits of the levels of all pools and of the whole
 */
public record Profile(
    String name,
    String source,
    long budgetBytes,
    List<PoolSpec> pools,
    @Nullable Frames frames,
    long fallbackBytes,
    Map<String, Long> buffers,
    List<QuotaSpec> quotas,
    PressureLimits pressure) {

  /** Copies the collections. */
  public Profile {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(source, "source");
    pools = List.copyOf(pools);
    buffers = Collections.unmodifiableMap(new LinkedHashMap<>(buffers));
    quotas = List.copyOf(quotas);
    Objects.requireNonNull(pressure, "pressure");
  }

  /**
   * Pools and nothing else: no shared fallback memory, static buffers or quotas.
   *
   * @param name of the profile
   * @param source where it was read
   * @param budgetBytes limit over the regions of all pools
   * @param pools in the order in which they are opened
   * @param frames how a gateway takes frames from the pools, may be null
   */
  public Profile(
      String name, String source, long budgetBytes, List<PoolSpec> pools, @Nullable Frames frames) {
    this(
        name,
        source,
        budgetBytes,
        pools,
        frames,
        0,
        Map.of(),
        List.of(),
        PressureLimits.defaults());
  }

  /** What a pool is made of. */
  public enum Kind {
    /** Tiers of blocks of bytes. */
    TIERED,
    /** Blocks of numbers, all of one shape. */
    BLOCKS,
    /** Blocks of bytes of any size, out of one region. */
    VARIABLE
  }

  /** What becomes of a frame that is larger than any block it may take. */
  public enum Oversize {
    /** The connection is closed; over WebSocket with code 1009. */
    CLOSE,
    /** The frame is dropped with a warning, and the connection lives on. */
    DROP
  }

  /** The type of the numbers in a block. */
  public enum ElementType {
    /** 64-bit floating point. */
    DOUBLE(Double.BYTES),
    /** 32-bit floating point. */
    FLOAT(Float.BYTES),
    /** 32-bit integers. */
    INT(Integer.BYTES);

    private final int bytes;

    ElementType(int bytes) {
      this.bytes = bytes;
    }

    /**
     * Size of one number.
     *
     * @return bytes
     */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * One pool.
   *
   * @param name unique in the profile
   * @param kind of what it is made
   * @param tiers in the order of the file; exactly one, with a shape, when {@code kind} is BLOCKS;
   *     none when it is VARIABLE
   * @param variable the region's dimensions when {@code kind} is VARIABLE, else null
   * @param spill where a request goes whose tier is empty
   * @param zeroing when blocks are zeroed
   * @param alignment of every block, in bytes: a power of two
   * @param lowPercent use at which the pressure level is LOW
   * @param criticalPercent use at which it is CRITICAL
   * @param options who may take how much, and what happens when it runs short
   */
  public record PoolSpec(
      String name,
      Kind kind,
      List<TierSpec> tiers,
      @Nullable VariableSpec variable,
      Spill spill,
      Zeroing zeroing,
      long alignment,
      double lowPercent,
      double criticalPercent,
      PoolOptions options) {

    /** Copies the list of tiers. */
    public PoolSpec {
      tiers = List.copyOf(tiers);
      Objects.requireNonNull(options, "options");
    }

    /**
     * A pool without options.
     *
     * @param name unique in the profile
     * @param kind of what it is made
     * @param tiers in the order of the file
     * @param variable the region's dimensions when {@code kind} is VARIABLE, else null
     * @param spill where a request goes whose tier is empty
     * @param zeroing when blocks are zeroed
     * @param alignment of every block, in bytes: a power of two
     * @param lowPercent use at which the pressure level is LOW
     * @param criticalPercent use at which it is CRITICAL
     */
    public PoolSpec(
        String name,
        Kind kind,
        List<TierSpec> tiers,
        @Nullable VariableSpec variable,
        Spill spill,
        Zeroing zeroing,
        long alignment,
        double lowPercent,
        double criticalPercent) {
      this(
          name,
          kind,
          tiers,
          variable,
          spill,
          zeroing,
          alignment,
          lowPercent,
          criticalPercent,
          PoolOptions.NONE);
    }

    /**
     * The largest size that the blocks of this pool serve; what is larger goes to fallback memory,
     * if there is any.
     *
     * @return bytes: the block size of the largest tier, or what one block of any size may have
     */
    public long maxSize() {
      return variable != null
          ? Math.min(variable.size(), PoolReader.MAX_BLOCK)
          : tiers.stream().mapToLong(TierSpec::size).max().orElse(0);
    }

    MemoryPool.Builder builder() {
      MemoryPool.Builder builder =
          MemoryPool.builder()
              .name(name)
              .spill(spill)
              .zeroing(zeroing)
              .alignment(alignment)
              .thresholds(lowPercent, criticalPercent);
      tiers.forEach(tier -> builder.tier(tier.size(), tier.count(), tier.label()));
      if (variable != null) {
        builder.variable(variable.size(), variable.maxBlocks());
      }
      return options.applyTo(builder);
    }

    /** Bytes that are taken when the pool is opened. */
    long openingBytes() {
      return Math.multiplyExact(builder().regionBytes(), options.opening());
    }
  }

  /**
   * A region for blocks of any size.
   *
   * @param size bytes of the region
   * @param maxBlocks most blocks live at a time
   */
  public record VariableSpec(long size, int maxBlocks) {}

  /**
   * One tier.
   *
   * @param size bytes of a block
   * @param count number of blocks
   * @param label what it is meant for, may be empty
   * @param shape of the numbers in a block; null for a tier of bytes
   */
  public record TierSpec(long size, int count, String label, @Nullable Shape shape) {}

  /**
   * The shape of a block of numbers.
   *
   * @param dimensions numbers along each axis, at least one axis, each at least 1
   * @param type of the numbers
   */
  public record Shape(List<Integer> dimensions, ElementType type) {
    /** Copies the dimensions. */
    public Shape {
      dimensions = List.copyOf(dimensions);
    }

    /**
     * Size of one block.
     *
     * @return bytes: the product of the dimensions times the size of one number
     * @throws ArithmeticException when that is more than a long holds
     */
    public long bytes() {
      return dimensions.stream()
          .mapToLong(Integer::longValue)
          .reduce(type.bytes(), Math::multiplyExact);
    }
  }

  /**
   * How a gateway takes frames from the pools.
   *
   * @param pool name of the pool, one with tiers
   * @param block when present, every frame takes a block of the tier of this size in bytes; else
   *     the tier that fits
   * @param oversize what becomes of larger frames
   */
  public record Frames(String pool, OptionalLong block, Oversize oversize) {}

  /**
   * The shipped profiles.
   *
   * @return names that {@link #load} knows
   */
  public static List<String> names() {
    return ProfileText.SHIPPED;
  }

  /**
   * Reads a profile, applies the overrides ({@code cistern.*} system properties before {@code
   * CISTERN_*} environment variables before the file), and checks it.
   *
   * @param nameOrFile a shipped name such as {@code prism}, or the path of a file: what has a
   *     separator in it or ends in {@code .conf}
   * @return a profile that can be opened
   * @throws ProfileException when there is no such profile or file, or something in it is wrong
   */
  public static Profile load(String nameOrFile) {
    return load(nameOrFile, Overrides.ofProcess());
  }

  /**
   * Reads a profile and puts values of a program into it, instead of the overrides of the process,
   * which are not looked at.
   *
   * @param nameOrFile as for {@link #load(String)}
   * @param values in the places of the profile's own
   * @return a profile that can be opened
   * @throws ProfileException when there is no such profile or file, or something in it is wrong
   */
  public static Profile load(String nameOrFile, List<Placed> values) {
    return load(nameOrFile, Overrides.of(values));
  }

  /**
   * As {@link #load(String, List)}, for a profile that is no file.
   *
   * @param source what messages call the text
   * @param text in HOCON; may be empty, when the values are all there is
   * @param values in the places of the profile's own
   * @return a profile that can be opened
   * @throws ProfileException when something is wrong
   */
  public static Profile parse(String source, String text, List<Placed> values) {
    return ProfileReader.read(new ProfileText(source, source, text), Overrides.of(values));
  }

  static Profile load(String nameOrFile, Overrides overrides) {
    return ProfileReader.read(ProfileText.find(nameOrFile), overrides);
  }

  /**
   * The memory that {@link #open} reserves for pools; static buffers come on top.
   *
   * @return bytes, at most {@link #budgetBytes()}
   */
  public long regionBytes() {
    return pools.stream().mapToLong(PoolSpec::openingBytes).reduce(0, Math::addExact);
  }

  /**
   * The least budget under which this profile opens: its regions, its static buffers, and the
   * fallback memory as far as it may go.
   *
   * @return bytes, at most {@link #budgetBytes()}
   */
  public long neededBytes() {
    return ProfileNeeds.of(pools, buffers, fallbackBytes).total().longValueExact();
  }

  /**
   * The same profile under another budget, which is checked when it is opened.
   *
   * @param bytes at least 1
   * @return a copy
   */
  public Profile withBudget(long bytes) {
    return new Profile(
        name, source, bytes, pools, frames, fallbackBytes, buffers, quotas, pressure);
  }

  /**
   * Reserves the memory of all pools and static buffers, and opens the pools.
   *
   * @param listeners hear the slow-path events of every pool
   * @return an open manager, which the caller closes
   * @throws IllegalArgumentException when this profile was not loaded but built, and is not valid
   * @throws OutOfMemoryError when the operating system refuses the memory; no pool is open then
   */
  public PoolManager open(PoolListener... listeners) {
    return manager(listeners).build();
  }

  /**
   * As {@link #open}, and records what each pool does to a trace file, which {@code cistern replay}
   * reads.
   *
   * @param folder where the files go, {@code POOL.rep} each; it must exist
   * @param listeners hear the slow-path events of every pool
   * @return an open manager, which the caller closes
   * @throws java.io.UncheckedIOException when a file cannot be written; no pool is open then
   */
  public PoolManager openRecorded(Path folder, PoolListener... listeners) {
    return manager(listeners).recordTo(folder).build();
  }

  private PoolManager.Builder manager(PoolListener... listeners) {
    PoolManager.Builder manager =
        PoolManager.builder()
            .budgetBytes(budgetBytes)
            .fallbackBytes(fallbackBytes)
            .pressure(pressure);
    buffers.forEach(manager::buffer);
    quotas.forEach(quota ->
        manager.quota(quota.path(), quota.limitBytes(), quota.guaranteedBytes(), quota.critical()));
    for (PoolSpec spec : pools) {
      MemoryPool.Builder pool = spec.builder();
      List.of(listeners).forEach(pool::listener);
      manager.pool(spec.name(), pool);
    }
    return manager;
  }
}
