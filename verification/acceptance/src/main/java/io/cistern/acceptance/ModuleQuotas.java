package io.cistern.acceptance;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.Quota;
import io.cistern.QuotaExceededException;
import java.util.List;

/**
 * Quotas of the modules of R2's program: a tree of three under one, over pools made as the
 * profile's. {@code climate} may have 8 KiB, of which {@code climate/sensors} may have 2 and {@code
 * climate/web} is guaranteed 4; {@code display} may have all that there is, 20 KiB.
 */
final class ModuleQuotas {
  private static final String MAIN = "main";
  private static final long SMALL = 64;
  private static final long LARGE = 256;
  private static final long CLIMATE = 8192;
  private static final long SENSORS = 2048;
  private static final long WEB = 4096;

  private ModuleQuotas() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return suite
        .check(
            "quota limit",
            "program modules draw on quotas of their own: the limit holds to the block, and the refusal has path and figures",
            Limit.exactly(SENSORS, "B"),
            pools -> limit(open(pools, SENSORS, WEB)))
        .check(
            "quota above",
            "a quota of a module is over its sub-modules: the one that refuses is named",
            Limit.exactly(CLIMATE, "B"),
            pools -> above(open(pools, SENSORS, WEB)))
        .check(
            "quota guarantee",
            "exceeding one never touches another's guarantee",
            Limit.exactly(WEB, "B"),
            pools -> guarantee(open(pools, SENSORS, WEB)))
        .check(
            "quota changed",
            "limits can be changed while running: not below what is used",
            Limit.exactly(SENSORS + LARGE, "B"),
            pools -> changed(open(pools, SENSORS, WEB)));
  }

  static PoolManager open(FreshPools pools, long sensors, long web) {
    return pools.open(
        PoolManager.builder()
            .pool(MAIN, pools.heard(pools.like()))
            .quota("climate", CLIMATE, 0, false)
            .quota("climate/sensors", sensors, 0, false)
            .quota("climate/web", 20 * 1024, web, false)
            .quota("display", 20 * 1024, 0, false));
  }

  private static Held owner(PoolManager manager, String path) {
    return new Held(manager.pool(MAIN).chargedTo(manager.quota(path)));
  }

  static double limit(PoolManager manager) {
    MemoryPool sensors = manager.pool(MAIN).chargedTo(manager.quota("climate/sensors"));
    Held held = new Held(sensors);
    held.takeAll(LARGE);
    QuotaExceededException refusal =
        Expect.refused(QuotaExceededException.class, "a block more", () -> sensors.allocate(LARGE));
    Expect.equal("path of the refusal", "climate/sensors", refusal.path());
    Expect.equal("limit of the refusal", SENSORS, refusal.limitBytes());
    Expect.equal("used bytes of the refusal", SENSORS, refusal.usedBytes());
    Expect.equal("requested bytes of the refusal", LARGE, refusal.requestedBytes());
    for (String part : List.of("'climate/sensors'", SENSORS + " B", LARGE + " B asked for")) {
      Expect.contains("the refusal", String.valueOf(refusal.getMessage()), part);
    }
    double used = manager.quota("climate/sensors").usedBytes();
    held.freeAll();
    expectUnused(manager);
    return used;
  }

  static double above(PoolManager manager) {
    Held web = owner(manager, "climate/web");
    while (web.tryTake(LARGE)) {
      Quota climate = manager.quota("climate");
      Expect.that(climate.usedBytes() <= CLIMATE, "more is used than climate may have: " + climate);
    }
    MemoryPool sensors = manager.pool(MAIN).chargedTo(manager.quota("climate/sensors"));
    QuotaExceededException refusal =
        Expect.refused(QuotaExceededException.class, "a block more", () -> sensors.allocate(LARGE));
    Expect.equal("path of the refusal", "climate", refusal.path());
    Expect.equal("refusals of the quota above", 2, manager.quota("climate").failed());
    double used = manager.quota("climate").usedBytes();
    Held display = owner(manager, "display");
    display.take(32);
    display.freeAll();
    web.freeAll();
    expectUnused(manager);
    return used;
  }

  /** The others take what they can; what is guaranteed is there all the same. */
  static double guarantee(PoolManager manager) {
    Held climate = owner(manager, "climate");
    climate.takeAll(LARGE);
    Expect.equal(
        "what the module may have itself", CLIMATE - WEB, manager.quota("climate").usedBytes());
    Held web = owner(manager, "climate/web");
    web.take((int) (WEB / SMALL), SMALL);
    double served = manager.quota("climate/web").usedBytes();
    Expect.that(!web.tryTake(SMALL), "a block was served beyond the limit above");
    web.freeAll();
    climate.freeAll();
    expectUnused(manager);
    return served;
  }

  static double changed(PoolManager manager) {
    Held sensors = owner(manager, "climate/sensors");
    sensors.takeAll(LARGE);
    IllegalStateException refusal =
        Expect.refused(
            IllegalStateException.class,
            "a limit below what is used",
            () -> manager.setQuotaLimit("climate/sensors", SENSORS - 1));
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), SENSORS + " B used");
    manager.setQuotaLimit("climate/sensors", SENSORS + LARGE);
    sensors.takeAll(LARGE);
    double used = manager.quota("climate/sensors").usedBytes();
    sensors.freeAll();
    expectUnused(manager);
    return used;
  }

  private static void expectUnused(PoolManager manager) {
    Expect.equal("bytes charged, all freed", 0, manager.quota("").usedBytes());
  }
}
