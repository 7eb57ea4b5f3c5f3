package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.Spill.OFF;

import io.cistern.Emergencies;
import io.cistern.Emergencies.WatchdogAlert;
import io.cistern.ManagerPressure.Reading;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolListener.PressureChange;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.PressureLevel;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * What R2 leaves to a switch, or asks for while the controller runs: fallback mode, switched off,
 * the emergency reserve, thresholds and counts that change, the watchdog. Each check opens pools
 * made as the profile's, with the option; quotas have {@link ModuleQuotas}.
 */
final class ModespOptions {
  private static final String MAIN = "main";
  private static final long FALLBACK = 4096;
  private static final long RESERVE = 512;
  private static final long SMALL = 64;
  private static final long XLARGE = 512;

  private ModespOptions() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return ModuleQuotas.checks(whileRunning(switches(suite)));
  }

  private static Suite.Builder switches(Suite.Builder suite) {
    return suite
        .check(
            "fallback mode",
            "strict and fallback mode: beyond the pools up to a limit, to the byte, counted",
            Limit.exactly(FALLBACK, "B"),
            pools -> fallbackMode(pools, FALLBACK))
        .check(
            "switched off",
            "enabled = false makes every allocation go to the bounded fallback with the same API, counts and checks",
            Limit.exactly(XLARGE, "sizes"),
            ModespOptions::switchedOff)
        .check(
            "reserve",
            "reserve untouched by ordinary owners: of each tier so many bytes, in whole blocks, are left",
            Limit.exactly(5 * RESERVE, "B"),
            ModespOptions::reserve);
  }

  private static Suite.Builder whileRunning(Suite.Builder suite) {
    return suite
        .check(
            "other thresholds",
            "thresholds, changed while running: 50 and 75 % to the block",
            Limit.exactly(0, "blocks off"),
            pools ->
                otherThresholds(pools, pools.manager()) + otherThresholds(pools, resizable(pools)))
        .check(
            "resizing",
            "resizing while running: 64 blocks of 64 B become 96, then 16, then 64 again",
            Limit.exactly(64 + 96 + 16 + 64, "blocks served"),
            ModespOptions::resizing)
        .check(
            "resizing refused",
            "resizing below what is used, or beyond the budget, is refused with the figures",
            Limit.exactly(64, "blocks served"),
            ModespOptions::resizingRefused)
        .check(
            "watchdog",
            "a watchdog hears critical alerts: of the pool that is filled, and of the whole",
            Limit.exactly(2, "alerts"),
            ModespOptions::watchdog);
  }

  static double fallbackMode(FreshPools pools, long limit) {
    MemoryPool pool = pools.open(pools.like().fallback(limit));
    long blocks = pool.stats().freeBytes();
    Held held = fill(pool);
    Expect.equal("fallback bytes while there are blocks", 0, outside(pool).liveBytes());
    Held beyond = new Held(pool);
    beyond.take(1);
    beyond.take(XLARGE);
    beyond.take(FALLBACK - XLARGE - 2);
    Expect.that(!beyond.tryTake(2), "2 B were served where 1 B is left");
    beyond.take(1);
    Expect.refused(PoolExhaustedException.class, "a byte too many", () -> pool.allocate(1));
    double most = outside(pool).liveBytes();
    Expect.equal("blocks outside of the pool", 4, outside(pool).liveBlocks());
    Expect.equal("bytes in blocks of the pool", blocks, pool.stats().usedBytes());
    beyond.freeAll();
    Expect.equal("bytes outside of the pool, all freed", 0, outside(pool).liveBytes());
    Expect.equal("frees outside of the pool", 4, outside(pool).frees());
    held.freeAll();
    return most;
  }

  private static Held fill(MemoryPool pool) {
    Held held = new Held(pool);
    pool.stats().tiers().reversed().forEach(tier -> held.take(tier.free(), tier.blockSizeBytes()));
    return held;
  }

  private static PoolStats.Fallback outside(MemoryPool pool) {
    return Objects.requireNonNull(pool.stats().fallback(), "no fallback memory");
  }

  private static double switchedOff(FreshPools pools) {
    MemoryPool pool = pools.open(pools.like().fallback(FALLBACK).enabled(false));
    Expect.equal("bytes of regions, switched off", 0, pool.stats().regionBytes());
    double sizes = pools.pool().maxSize();
    for (long size = 1; size <= sizes; size++) {
      long handle = pool.allocateHandle(size);
      Expect.equal("bytes of the segment", size, pool.segment(handle).byteSize());
      Expect.equal("bytes counted", size, outside(pool).liveBytes());
      pool.free(handle);
      Expect.invalid(DOUBLE_FREE, "a second free", () -> pool.free(handle));
    }
    Expect.equal("allocations", (long) sizes, outside(pool).allocations());
    Expect.equal("violations", (long) sizes, pool.stats().violations());
    Held held = new Held(pool);
    Expect.equal("blocks of 512 B within 4096 B", FALLBACK / XLARGE, held.takeAll(XLARGE));
    held.freeAll();
    return sizes;
  }

  /**
   * Ordinary owners first, from the largest tier down, so that none spills; then a critical one.
   */
  private static double reserve(FreshPools pools) {
    long all = pools.pool().stats().freeBytes();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like().reserve(RESERVE)))
                .quota("alarm", all, 0, true)
                .quota("display", all, 0, false));
    MemoryPool pool = manager.pool(MAIN);
    Held ordinary = new Held(pool.chargedTo(manager.quota("display")));
    Held nobody = new Held(pool);
    for (PoolStats.Tier tier : pool.stats().tiers().reversed()) {
      ordinary.takeAll(tier.blockSizeBytes());
      Expect.that(!nobody.tryTake(tier.blockSizeBytes()), "an owner of no quota took the reserve");
    }
    PoolStats left = pool.stats();
    Held critical = new Held(pool.chargedTo(manager.quota("alarm")));
    for (PoolStats.Tier tier : left.tiers().reversed()) {
      String what = "reserve of the %d B tier".formatted(tier.blockSizeBytes());
      Expect.equal(what, RESERVE, tier.free() * tier.blockSizeBytes());
      Expect.equal("blocks of the " + what, tier.free(), critical.takeAll(tier.blockSizeBytes()));
    }
    Expect.equal("free bytes, reserve taken", 0, pool.stats().freeBytes());
    critical.freeAll();
    ordinary.freeAll();
    return left.freeBytes();
  }

  /** Of a pool as the profile has it, and of one that is governed. */
  private static double otherThresholds(FreshPools pools, PoolManager manager) {
    manager.setThresholds(MAIN, 50, 75);
    int heard = pools.events().changesOf(XLARGE).size();
    int total = Tiers.tier(manager.pool(MAIN), XLARGE).total();
    Held held = new Held(manager.pool(MAIN));
    held.take(total, XLARGE);
    List<PressureChange> changes = pools.events().changesOf(XLARGE);
    changes = changes.subList(heard, changes.size());
    Expect.equal(
        "levels of a tier that is filled",
        List.of(PressureLevel.LOW, PressureLevel.CRITICAL),
        changes.stream().map(PressureChange::to).toList());
    held.freeAll();
    long atLow = changes.getFirst().usedBytes() / XLARGE;
    long atCritical = changes.getLast().usedBytes() / XLARGE;
    return Math.abs(atLow - total / 2) + Math.abs(atCritical - total * 3L / 4);
  }

  private static PoolManager resizable(FreshPools pools) {
    return pools.open(
        PoolManager.builder().pool(MAIN, pools.heard(pools.like().spill(OFF).resizable())));
  }

  private static double resizing(FreshPools pools) {
    PoolManager manager = resizable(pools);
    MemoryPool pool = manager.pool(MAIN);
    double served = 0;
    for (int count : new int[] {Tiers.tier(pool, SMALL).total(), 96, 16, 64}) {
      manager.setCount(MAIN, SMALL, count);
      Held held = new Held(pool);
      Expect.equal("blocks of 64 B served of " + count, count, held.takeAll(SMALL));
      Expect.equal("blocks of 64 B counted", count, Tiers.tier(pool, SMALL).used());
      served += held.count();
      held.freeAll();
    }
    return served;
  }

  private static double resizingRefused(FreshPools pools) {
    long budget = pools.pool().stats().regionBytes();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .budgetBytes(budget)
                .pool(MAIN, pools.heard(pools.like().spill(OFF).resizable())));
    Held held = new Held(manager.pool(MAIN));
    held.take(17, SMALL);
    IllegalStateException used =
        Expect.refused(
            IllegalStateException.class,
            "16 blocks where 17 are used",
            () -> manager.setCount(MAIN, SMALL, 16));
    Expect.contains("the refusal", String.valueOf(used.getMessage()), "17 are used");
    IllegalStateException beyond =
        Expect.refused(
            IllegalStateException.class,
            "a block more than the budget has",
            () -> manager.setCount(MAIN, SMALL, 65));
    Expect.contains("the refusal", String.valueOf(beyond.getMessage()), budget + " B");
    Expect.equal("budget after refusals", budget, manager.budgetUsedBytes());
    held.takeAll(SMALL);
    double served = held.count();
    held.freeAll();
    return served;
  }

  private static double watchdog(FreshPools pools) {
    List<WatchdogAlert> heard = new CopyOnWriteArrayList<>();
    PoolManager manager = pools.manager();
    MemoryPool pool = pools.pool();
    manager.addListener(
        Emergencies.builder(manager::dump).executor(Runnable::run).watchdog(heard::add).build());
    Expect.equal("level of empty pools", PressureLevel.NORMAL, manager.pressure());
    Expect.equal("alerts of empty pools", 0, heard.size());
    Held held = fill(pool);
    Expect.equal("level of full pools", PressureLevel.CRITICAL, manager.pressure());
    Poll.until("the watchdog heard of pool and whole", () -> heard.size() >= 2);
    Expect.that(
        heard.stream().allMatch(alert -> alert.cause().reading() == Reading.USED),
        "alerts by something else than use: " + heard);
    held.freeAll();
    Expect.equal("level of empty pools again", PressureLevel.NORMAL, manager.pressure());
    Expect.equal(
        "who was critical",
        Set.of("", pool.name()),
        heard.stream().map(WatchdogAlert::pool).collect(Collectors.toSet()));
    return heard.size();
  }
}
