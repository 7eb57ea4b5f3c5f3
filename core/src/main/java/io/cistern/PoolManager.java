package io.cistern;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Named pools under one byte budget. All pools are opened together, before anything else allocates:
 * if their regions do not fit into the budget, or the memory cannot be had, none is opened.
 *
 * <p>Safe for use by several threads; the set of pools does not change after opening.
 */
public final class PoolManager implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.cistern");

  private final long budgetBytes;
  private final Map<String, MemoryPool> pools;

  private PoolManager(long budgetBytes, Map<String, MemoryPool> pools) {
    this.budgetBytes = budgetBytes;
    this.pools = pools;
  }

  /**
   * Starts a manager.
   *
   * @return a builder with no pool yet and no limit
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The byte budget over all regions.
   *
   * @return bytes; {@link Long#MAX_VALUE} when none was set
   */
  public long budgetBytes() {
    return budgetBytes;
  }

  /**
   * The memory that the pools have reserved.
   *
   * @return bytes, at most {@link #budgetBytes()}
   */
  public long regionBytes() {
    return pools.values().stream().mapToLong(pool -> pool.region().byteSize()).sum();
  }

  /**
   * A pool by its name.
   *
   * @param name as given to the builder
   * @return the pool
   * @throws IllegalArgumentException when there is no such pool; the message lists those there are
   */
  public MemoryPool pool(String name) {
    MemoryPool pool = pools.get(name);
    if (pool == null) {
      throw new IllegalArgumentException(
          "no pool is named '" + name + "'; there are: " + pools.keySet());
    }
    return pool;
  }

  /**
   * All pools, in the order in which they were declared.
   *
   * @return an unmodifiable view
   */
  public Collection<MemoryPool> pools() {
    return pools.values();
  }

  /**
   * Frees an allocation without naming its pool: the handle knows it.
   *
   * @param handle from any pool of this manager; {@link MemoryPool#NO_HANDLE} is ignored
   * @throws InvalidFreeException FOREIGN when no pool of this manager gave the handle, else as
   *     {@link MemoryPool#free(long)}
   */
  public void free(long handle) {
    if (handle == MemoryPool.NO_HANDLE) {
      return;
    }
    for (MemoryPool pool : pools.values()) {
      if (((PoolBase) pool).gave(handle)) {
        pool.free(handle);
        return;
      }
    }
    throw new InvalidFreeException(
        InvalidFreeException.Reason.FOREIGN,
        "handle 0x%016x is of none of the pools %s".formatted(handle, pools.keySet()));
  }

  /**
   * Snapshots of all pools.
   *
   * @return one entry a pool, in the order of declaration
   */
  public List<PoolStats> stats() {
    return pools.values().stream().map(MemoryPool::stats).toList();
  }

  /**
   * Walks every pool.
   *
   * @return one report a pool
   */
  public List<VerifyReport> verify() {
    return pools.values().stream().map(MemoryPool::verify).toList();
  }

  /**
   * The state dumps of all pools.
   *
   * @return several lines
   */
  public String dump() {
    StringBuilder dump = new StringBuilder();
    pools.values().forEach(pool -> dump.append(pool.dump()));
    return dump.toString();
  }

  /**
   * Closes all pools, or none if one has live blocks.
   *
   * @throws IllegalStateException when a pool has live blocks: it is named with their number, sizes
   *     and ages. Only when a block is allocated during this call, pools before that one may be
   *     closed already
   */
  @Override
  public void close() {
    for (MemoryPool pool : pools.values()) {
      if (pool.stats().used() > 0 && !pool.isClosed()) {
        pool.close();
      }
    }
    pools.values().forEach(MemoryPool::close);
  }

  /**
   * Closes all pools at once, live blocks or not; see {@link MemoryPool#closeNow()}.
   *
   * @throws IllegalStateException when I/O is still under way on a pool after its time
   * @throws WrongThreadException when a pool is confined to another thread that is alive; as above,
   *     all the other pools are closed
   */
  public void closeNow() {
    RuntimeException first = null;
    for (MemoryPool pool : pools.values()) {
      try {
        pool.closeNow();
      } catch (IllegalStateException | WrongThreadException refused) {
        first = first == null ? refused : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** The initial state, for the log. */
  private static String describe(Collection<MemoryPool> pools) {
    StringBuilder text = new StringBuilder("pools opened:");
    for (MemoryPool pool : pools) {
      text.append(" '")
          .append(pool.name())
          .append("' ")
          .append(pool.region().byteSize())
          .append(" B (");
      String separator = "";
      for (PoolStats.Tier tier : pool.stats().tiers()) {
        text.append(separator).append(tier.free()).append(" x ").append(tier.blockSizeBytes());
        separator = ", ";
      }
      text.append(" free)");
    }
    return text.toString();
  }

  /** Collects pools and their budget. */
  public static final class Builder {
    private long budgetBytes = Long.MAX_VALUE;
    private final List<MemoryPool.Builder> pools = new ArrayList<>();
    private @Nullable Path traces;

    private Builder() {}

    /**
     * Limits the sum of all regions.
     *
     * @param bytes at least 1
     * @return this
     */
    public Builder budgetBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("budget of " + bytes + " B: at least 1 is needed");
      }
      this.budgetBytes = bytes;
      return this;
    }

    /**
     * Adds a pool.
     *
     * @param name unique in this manager; goes before the name in {@code pool}
     * @param pool its tiers and options, copied as they are now
     * @return this
     */
    public Builder pool(String name, MemoryPool.Builder pool) {
      if (pools.stream().anyMatch(other -> other.name.equals(name))) {
        throw new IllegalArgumentException("two pools are named '" + name + "'");
      }
      pools.add(pool.copy(name));
      return this;
    }

    /**
     * Records what each pool does to a trace file of its own; see {@link
     * MemoryPool.Builder#recordTo(Path)}.
     *
     * @param folder where the files go, {@code POOL.rep} each; it must exist
     * @return this
     */
    public Builder recordTo(Path folder) {
      this.traces = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /**
     * Reserves all regions and opens the pools.
     *
     * @return an open manager
     * @throws IllegalArgumentException when the pools do not fit into the budget, or one is not
     *     valid
     */
    public PoolManager build() {
      long regions =
          pools.stream().mapToLong(MemoryPool.Builder::regionBytes).reduce(0, Math::addExact);
      if (regions > budgetBytes) {
        throw new IllegalArgumentException(
            "the pools need %d B but the budget is %d B".formatted(regions, budgetBytes));
      }
      Map<String, MemoryPool> open = new LinkedHashMap<>();
      try {
        for (MemoryPool.Builder pool : pools) {
          open.put(pool.name, recorded(pool).build());
        }
      } catch (Throwable refused) {
        open.values().forEach(MemoryPool::close);
        throw refused;
      }
      LOG.log(System.Logger.Level.INFO, () -> describe(open.values()));
      return new PoolManager(budgetBytes, java.util.Collections.unmodifiableMap(open));
    }

    private MemoryPool.Builder recorded(MemoryPool.Builder pool) {
      return traces == null ? pool : pool.recordTo(traces.resolve(pool.name + ".rep"));
    }
  }
}
