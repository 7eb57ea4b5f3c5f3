package io.cistern;

import io.cistern.internal.Allowance;
import io.cistern.internal.SystemMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Named pools under one byte budget. All pools are opened together, before anything else allocates:
 * if what they take does not fit into the budget, or the memory cannot be had, none is opened.
 *
 * <p>The budget is over the regions of all pools, static buffers, and what may be taken outside of
 * the pools as fallback memory. Regions that come later, because a pool may grow, are taken only as
 * far as the budget allows.
 *
 * <p>Safe for use by several threads; the set of pools does not change after opening.
 */
public final class PoolManager implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.cistern");
  private static final long BUFFER_ALIGNMENT = 4096;

  private final Allowance budget;
  private final Allowance fallback;
  private final Map<String, MemoryPool> pools;
  private final @Nullable Quota quotas;
  private final Map<String, MemorySegment> buffers;
  private final Arena bufferMemory;
  private final ManagerWatch watch;

  private PoolManager(
      Builder builder,
      Allowance budget,
      Allowance fallback,
      Map<String, MemoryPool> pools,
      @Nullable Quota quotas) {
    this.budget = budget;
    this.fallback = fallback;
    this.pools = pools;
    this.quotas = quotas;
    this.bufferMemory = Arena.ofShared();
    Map<String, MemorySegment> made = new LinkedHashMap<>();
    boolean all = false;
    try {
      builder.buffers.forEach(
          (name, bytes) -> made.put(name, bufferMemory.allocate(bytes, BUFFER_ALIGNMENT)));
      all = true;
    } finally {
      if (!all) {
        bufferMemory.close();
      }
    }
    this.buffers = Collections.unmodifiableMap(made);
    this.watch = new ManagerWatch(pools.values(), budget, fallback, builder.limits);
    builder.listeners.forEach(watch::addListener);
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
   * The byte budget over all regions, static buffers, and fallback memory.
   *
   * @return bytes; {@link Long#MAX_VALUE} when none was set
   */
  public long budgetBytes() {
    return budget.limit();
  }

  /**
   * What is taken from the budget: regions and static buffers as they are, fallback memory as far
   * as it may go.
   *
   * @return bytes, at most {@link #budgetBytes()}
   */
  public long budgetUsedBytes() {
    return budget.taken();
  }

  /**
   * The memory that the pools have reserved, without static buffers and fallback memory.
   *
   * @return bytes, at most {@link #budgetBytes()}
   */
  public long regionBytes() {
    return pools.values().stream().mapToLong(pool -> pool.stats().regionBytes()).sum();
  }

  /**
   * The static buffers, by name: each one piece of memory for the life of the manager.
   *
   * @return an unmodifiable view, in the order of declaration
   */
  public Map<String, MemorySegment> buffers() {
    return buffers;
  }

  /**
   * A static buffer by its name.
   *
   * @param name as given to the builder
   * @return its memory, zeroed at the start, at a multiple of 4096
   * @throws IllegalArgumentException when there is no such buffer; the message lists those there
   *     are
   */
  public MemorySegment buffer(String name) {
    MemorySegment buffer = buffers.get(name);
    if (buffer == null) {
      throw new IllegalArgumentException(
          "no static buffer is named '" + name + "'; there are: " + buffers.keySet());
    }
    return buffer;
  }

  /**
   * A quota by its path.
   *
   * @param path names from the root, with {@code /} between; empty for the root, which is over all
   * @return the quota
   * @throws IllegalArgumentException when there is no such quota
   */
  public Quota quota(String path) {
    Quota found = quotas;
    for (String name : path.isEmpty() ? new String[0] : path.split("/", -1)) {
      found = found == null ? null : child(found, name);
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "there is no quota '"
              + path
              + "'; there are: "
              + (quotas == null ? "none" : paths(quotas)));
    }
    return found;
  }

  private static @Nullable Quota child(Quota quota, String name) {
    return quota.children().stream()
        .filter(child -> child.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static List<String> paths(Quota quota) {
    return below(quota).map(Quota::path).toList();
  }

  // --- pressure -------------------------------------------------------------------------------

  /**
   * How hard all pools together are pressed: by used bytes, and by free bytes of the budget where
   * {@link PressureLimits} say so.
   *
   * @return the level now
   */
  public PressureLevel pressure() {
    return watch.level();
  }

  /**
   * The limits by which levels are found.
   *
   * @return those of all pools and of the whole
   */
  public PressureLimits pressureLimits() {
    return watch.limits();
  }

  /**
   * Changes the limits by which levels are found; what changes by that is told at once.
   *
   * @param limits of all pools and of the whole
   */
  public void setPressureLimits(PressureLimits limits) {
    watch.change(Objects.requireNonNull(limits, "limits"));
  }

  /**
   * Adds a listener: {@link Emergencies}, for instance. Levels are looked at ten times a second, on
   * a thread of the manager's that also calls listeners; refused requests are told on the thread
   * that asked.
   *
   * @param listener should return quickly
   */
  public void addListener(ManagerListener listener) {
    watch.addListener(Objects.requireNonNull(listener, "listener"));
  }

  /**
   * Removes a listener.
   *
   * @param listener that was added
   */
  public void removeListener(ManagerListener listener) {
    watch.removeListener(listener);
  }

  /**
   * Adds a listener for the slow-path events of every pool; see {@link MemoryPool#addListener}.
   *
   * @param listener called on the thread that causes an event
   */
  public void addPoolListener(PoolListener listener) {
    pools.values().forEach(pool -> pool.addListener(listener));
  }

  /**
   * Removes a listener from every pool; see {@link MemoryPool#removeListener}.
   *
   * @param listener that was added
   */
  public void removePoolListener(PoolListener listener) {
    pools.values().forEach(pool -> pool.removeListener(listener));
  }

  /**
   * Registers somebody who can free memory. Reclaimers are asked in the order of their priority,
   * when a request would be refused, which is then tried once more, and when a level turns {@link
   * PressureLevel#CRITICAL}; outside of all locks, and for {@link #setReclaimTime} at most. So
   * where there are reclaimers a refused request takes as long as they do. Requests that a quota
   * refuses are not their business, and neither are pools confined to a thread.
   *
   * @param priority lower ones first; equal ones in the order of registration
   * @param name unique in this manager
   * @param reclaimer frees what it can, and says how much
   * @return gives the place up when closed
   * @throws IllegalArgumentException when the name is blank or taken
   */
  public Reclaimer.Registration addReclaimer(int priority, String name, Reclaimer reclaimer) {
    return watch.addReclaimer(priority, name, reclaimer);
  }

  /**
   * Gives back all regions that nobody uses, of pools that may have fewer than they have now, as
   * happens by itself once they have been idle for their time, when a level turns {@link
   * PressureLevel#CRITICAL}, and when the budget keeps another pool from growing. Where native
   * access is allowed, glibc is told to hand free pages back to the operating system as well.
   *
   * @return bytes given back, about; others may grow meanwhile
   */
  public long trim() {
    long bytes = watch.trim();
    if (bytes > 0) {
      SystemMemory.giveBackFreePages();
    }
    return bytes;
  }

  /**
   * How long reclaimers may take for a request.
   *
   * @param time above zero, up to a minute; 100 ms by default
   */
  public void setReclaimTime(Duration time) {
    watch.reclaimTime(time);
  }

  /**
   * What reclaimers have done.
   *
   * @return one entry a reclaimer, in their order
   */
  public List<ReclaimerStats> reclaimers() {
    return watch.reclaimers.stats();
  }

  // --- changes while the pools are used -------------------------------------------------------

  /**
   * Changes the limit of a quota.
   *
   * @param path of the quota
   * @param bytes its limit from now on
   * @throws IllegalArgumentException when there is no such quota, or it guarantees more
   * @throws IllegalStateException when more is used or guaranteed below it; nothing is changed
   */
  public void setQuotaLimit(String path, long bytes) {
    quota(path).setLimit(bytes);
    governors().forEach(governor -> governor.waiters.afterFree(false));
  }

  /**
   * Changes the budget.
   *
   * @param bytes at least 1
   * @throws IllegalStateException when more is taken; nothing is changed
   */
  public void setBudget(long bytes) {
    requireAtLeastOne("budget", bytes);
    if (!budget.trySetLimit(bytes)) {
      throw new IllegalStateException(
          "a budget of %d B is less than the %d B that are taken".formatted(bytes, budget.taken()));
    }
  }

  /**
   * Changes how many blocks a tier has. Fewer: only free blocks go, and their memory stays reserved
   * unless they came by an earlier call. More: they lie in a region of their own.
   *
   * @param pool name of a pool that is {@linkplain MemoryPool.Builder#resizable() resizable}
   * @param blockSize bytes, exactly a tier's
   * @param count at least 1
   * @throws IllegalArgumentException when there is no such pool or tier
   * @throws IllegalStateException when more blocks are used, the budget does not allow more, the
   *     reserve would suffer, or the pool is not resizable; nothing is changed
   */
  public void setCount(String pool, long blockSize, int count) {
    governor(pool, "resizable").setCount(blockSize, count);
  }

  /**
   * Changes from how many to how many regions a pool may have. Fewer than there are: those that are
   * idle go when their time has come.
   *
   * @param pool name of a pool that was built with {@link MemoryPool.Builder#regions}
   * @param least 0 or more
   * @param most at least {@code least} and 1, at most 200
   * @throws IllegalArgumentException when there is no such pool, or a number is not allowed
   * @throws IllegalStateException when the pool has more regions than {@code most}, the budget does
   *     not allow {@code least}, or the pool was not built so; nothing is changed
   */
  public void setRegions(String pool, int least, int most) {
    MemoryPool.Builder.checkRegions(least, most, Duration.ZERO);
    governor(pool, "regions").regions.setBounds(least, most);
  }

  /**
   * Changes at which use a pool and its tiers are {@link PressureLevel#LOW} and {@link
   * PressureLevel#CRITICAL}; the levels follow when the use changes next.
   *
   * @param pool name of the pool
   * @param lowPercent above 0
   * @param criticalPercent above {@code lowPercent}, at most 100
   * @throws IllegalArgumentException when there is no such pool, or a value is not allowed
   */
  public void setThresholds(String pool, double lowPercent, double criticalPercent) {
    TierLayout.checkThresholds(lowPercent, criticalPercent);
    ((PoolBase) pool(pool)).setThresholds(lowPercent, criticalPercent);
  }

  /**
   * Changes the limit over the fallback memory of all pools that share it.
   *
   * @param bytes 0 or more
   * @throws IllegalStateException when more is live, or the budget does not allow it; nothing is
   *     changed
   */
  public void setFallbackBytes(long bytes) {
    synchronized (fallback) {
      long more = bytes - fallback.limit();
      if (more > 0 && !budget.tryTake(more)) {
        throw new IllegalStateException(
            "%d B more of fallback memory are not in the budget: %d of %d B are taken"
                .formatted(more, budget.taken(), budget.limit()));
      }
      if (!fallback.trySetLimit(bytes)) {
        throw new IllegalStateException(
            "%d B of fallback memory are less than the %d B that are live"
                .formatted(bytes, fallback.taken()));
      }
      if (more < 0) {
        budget.giveBack(-more);
      }
    }
    governors().forEach(governor -> governor.waiters.afterFree(false));
  }

  private Governor governor(String name, String option) {
    Governor governor = ((PoolBase) pool(name)).governor();
    if (governor == null) {
      throw new IllegalStateException(
          "pool '%s' cannot change that while it is used: build it with %s"
              .formatted(name, option));
    }
    return governor;
  }

  private List<Governor> governors() {
    List<Governor> all = new ArrayList<>();
    for (MemoryPool pool : pools.values()) {
      Governor governor = ((PoolBase) pool).governor();
      if (governor != null) {
        all.add(governor);
      }
    }
    return all;
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
   * A snapshot of everything: the pools, the quotas, the reclaimers, and the whole. It takes no
   * lock, calls nobody, and costs about as much as the snapshots of the pools.
   *
   * @return the figures of this moment
   */
  public ManagerStats stats() {
    List<PoolStats> each = pools.values().stream().map(MemoryPool::stats).toList();
    return new ManagerStats(
        System.currentTimeMillis(),
        budgetBytes(),
        budgetUsedBytes(),
        each.stream().mapToLong(PoolStats::regionBytes).sum(),
        fallback.limit(),
        fallback.taken(),
        watch.peek(),
        each,
        quotas == null ? List.of() : below(quotas).map(ManagerStats.OfQuota::of).toList(),
        reclaimers());
  }

  /** All quotas below one, each before those below it. */
  private static Stream<Quota> below(Quota quota) {
    return quota.children().stream()
        .flatMap(child -> Stream.concat(Stream.of(child), below(child)));
  }

  /**
   * Walks every pool, and the quotas if there are any.
   *
   * @return one report a pool, and one named {@code quotas}
   */
  public List<VerifyReport> verify() {
    List<VerifyReport> reports = new ArrayList<>();
    pools.values().forEach(pool -> reports.add(pool.verify()));
    if (quotas != null) {
      boolean quiescent = reports.stream().allMatch(VerifyReport::quiescent);
      reports.add(
          new VerifyReport("quotas", 0, quiescent, quiescent ? quotas.verify() : List.of()));
    }
    return reports;
  }

  /**
   * The state dumps of all pools, and of the whole: budget, pressure, quotas.
   *
   * @return several lines
   */
  public String dump() {
    StringBuilder dump = new StringBuilder();
    pools.values().forEach(pool -> dump.append(pool.dump()));
    dump.append(
        String.format(
            Locale.ROOT,
            "all pools  %s%n  budget %s   taken %,d B   static buffers %d%n",
            pressure(),
            budgetBytes() == Long.MAX_VALUE ? "none" : "%,d B".formatted(budgetBytes()),
            budgetUsedBytes(),
            buffers.size()));
    if (quotas != null) {
      below(quotas).forEach(quota -> dump(quota, dump));
    }
    return dump.toString();
  }

  private static void dump(Quota quota, StringBuilder dump) {
    dump.append(
        String.format(
            Locale.ROOT,
            "  quota %-20s used %,d of %,d B   guaranteed %,d B   peak %,d B   failed %,d%s%n",
            quota.path(),
            quota.usedBytes(),
            quota.limitBytes(),
            quota.guaranteedBytes(),
            quota.peakBytes(),
            quota.failed(),
            quota.isCritical() ? "   critical" : ""));
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
    closeRest();
  }

  private void closeRest() {
    watch.close();
    if (bufferMemory.scope().isAlive()) {
      bufferMemory.close();
    }
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
    closeRest();
  }

  private static void requireAtLeastOne(String what, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("%s of %d B: at least 1 is needed".formatted(what, bytes));
    }
  }

  /** The initial state, for the log. */
  private static String describe(Collection<MemoryPool> pools) {
    StringBuilder text = new StringBuilder("pools opened:");
    for (MemoryPool pool : pools) {
      text.append(" '")
          .append(pool.name())
          .append("' ")
          .append(pool.stats().regionBytes())
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
    private final Map<String, Long> buffers = new LinkedHashMap<>();
    private final List<QuotaSpec> quotas = new ArrayList<>();
    private final List<ManagerListener> listeners = new ArrayList<>();
    private PressureLimits limits = PressureLimits.defaults();
    private long fallbackBytes;
    private @Nullable Path traces;

    private record QuotaSpec(String path, long limit, long guaranteed, boolean critical) {}

    private Builder() {}

    /**
     * Limits the sum of all regions.
     *
     * @param bytes at least 1
     * @return this
     */
    public Builder budgetBytes(long bytes) {
      requireAtLeastOne("budget", bytes);
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
     * Adds a static buffer: memory that is taken once, counted in the budget, and given back when
     * the manager is closed.
     *
     * @param name unique among the buffers
     * @param bytes at least 1
     * @return this
     */
    public Builder buffer(String name, long bytes) {
      requireAtLeastOne("static buffer '" + name + "'", bytes);
      if (buffers.putIfAbsent(name, bytes) != null) {
        throw new IllegalArgumentException("two static buffers are named '" + name + "'");
      }
      return this;
    }

    /**
     * Lets pools that share it ({@link MemoryPool.Builder#sharedFallback()}) take memory outside of
     * themselves, so much in all.
     *
     * @param bytes that may be live, 0 or more
     * @return this
     */
    public Builder fallbackBytes(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("fallback of " + bytes + " B: must be 0 or more");
      }
      this.fallbackBytes = bytes;
      return this;
    }

    /**
     * Sets the limits by which pressure is found.
     *
     * @param limits {@link PressureLimits#defaults()} by default
     * @return this
     */
    public Builder pressure(PressureLimits limits) {
      this.limits = Objects.requireNonNull(limits, "limits");
      return this;
    }

    /**
     * Adds a listener; see {@link PoolManager#addListener}.
     *
     * @param listener should return quickly
     * @return this
     */
    public Builder listener(ManagerListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Adds a quota, to which allocations can be charged ({@link MemoryPool#chargedTo}).
     *
     * @param path its name, after the path of the quota above it and a {@code /}, if that is not
     *     the root; declared after that one
     * @param limitBytes most that it and those below it may have, 0 or more
     * @param guaranteedBytes what is kept for it, at most the limit; of all quotas under one parent
     *     together at most that one's limit
     * @param critical whether it may take the reserves of pools, as may all below it
     * @return this
     */
    public Builder quota(String path, long limitBytes, long guaranteedBytes, boolean critical) {
      quotas.add(new QuotaSpec(path, limitBytes, guaranteedBytes, critical));
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
     * @throws IllegalArgumentException when the pools do not fit into the budget, a guarantee not
     *     into what is above it, or something else is not valid
     */
    public PoolManager build() {
      Allowance budget = takeBudget();
      Allowance fallback = new Allowance(fallbackBytes);
      Quota tree = quotas.isEmpty() ? null : quotaTree();
      CopyOnWriteArrayList<GovernedWaiters> waiters = new CopyOnWriteArrayList<>();
      Map<String, MemoryPool> open = new LinkedHashMap<>();
      boolean built = false;
      try {
        for (MemoryPool.Builder pool : pools) {
          MemoryPool.Builder with = recorded(pool.copy(pool.name));
          with.budget = budget;
          with.quotas = tree;
          with.sharedFallback = pool.sharesFallback ? fallback : null;
          MemoryPool opened = with.build();
          open.put(pool.name, opened);
          join(opened, waiters);
        }
        PoolManager manager =
            new PoolManager(this, budget, fallback, Collections.unmodifiableMap(open), tree);
        LOG.log(System.Logger.Level.INFO, () -> describe(open.values()));
        built = true;
        return manager;
      } finally {
        if (!built) {
          open.values().forEach(MemoryPool::close);
        }
      }
    }

    private static void join(MemoryPool pool, CopyOnWriteArrayList<GovernedWaiters> waiters) {
      Governor governor = ((PoolBase) pool).governor();
      if (governor != null && governor.quotas() != null) {
        governor.waiters.join(waiters);
      }
    }

    private Allowance takeBudget() {
      long regions = sum(pools.stream().map(MemoryPool.Builder::openingBytes).toList());
      long outside =
          Math.addExact(
              fallbackBytes, sum(pools.stream().map(pool -> pool.fallbackBytes).toList()));
      long fixed = sum(List.copyOf(buffers.values()));
      Allowance budget = new Allowance(budgetBytes);
      if (!budget.tryTake(Math.addExact(regions, Math.addExact(outside, fixed)))) {
        throw new IllegalArgumentException(
            "the pools need %d B%s%s but the budget is %d B"
                .formatted(
                    regions,
                    fixed == 0 ? "" : ", static buffers " + fixed + " B",
                    outside == 0 ? "" : ", fallback memory " + outside + " B",
                    budgetBytes));
      }
      return budget;
    }

    private static long sum(List<Long> bytes) {
      return bytes.stream().reduce(0L, Math::addExact);
    }

    /** Guarantees must fit into all that there can be at the start. */
    private Quota quotaTree() {
      long all = sum(pools.stream().map(MemoryPool.Builder::mostBytes).toList());
      all += fallbackBytes + sum(pools.stream().map(pool -> pool.fallbackBytes).toList());
      Quota root = Quota.root(Math.min(all, budgetBytes));
      Map<String, Quota> byPath = new LinkedHashMap<>();
      byPath.put("", root);
      for (QuotaSpec spec : quotas) {
        int slash = spec.path.lastIndexOf('/');
        Quota above = byPath.get(slash < 0 ? "" : spec.path.substring(0, slash));
        if (above == null) {
          throw new IllegalArgumentException(
              "quota '%s' is below '%s', which is not declared before it"
                  .formatted(spec.path, spec.path.substring(0, slash)));
        }
        byPath.put(
            spec.path,
            above.child(
                spec.path.substring(slash + 1), spec.limit, spec.guaranteed, spec.critical));
      }
      root.setLimit(Long.MAX_VALUE); // guarantees fit; what there can be may change later
      return root;
    }

    private MemoryPool.Builder recorded(MemoryPool.Builder pool) {
      return traces == null ? pool : pool.recordTo(traces.resolve(pool.name + ".rep"));
    }
  }
}
