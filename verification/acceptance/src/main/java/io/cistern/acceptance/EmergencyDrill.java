package io.cistern.acceptance;

import io.cistern.Emergencies;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * R3's emergencies, each provoked, with callbacks that note in which order they were called.
 * Exhaustion is provoked in the profile's own pool; stack overflow waits for monitored tasks.
 */
final class EmergencyDrill {
  private static final String MAIN = "main";
  private static final long LARGE = 4096;

  private EmergencyDrill() {}

  /** Callbacks that note that they were called. */
  private static final class Steps {
    final List<String> done = new CopyOnWriteArrayList<>();
    volatile Runnable freeWhatIsOld = () -> {};

    Emergencies policies() {
      return Emergencies.builder(this::dump)
          .executor(Runnable::run)
          .save(() -> done.add("save"))
          .restart(() -> done.add("restart"))
          .shed(() -> done.add("shed"))
          .reclaimOld(Duration.ofMinutes(1), (request, age) -> reclaim(request.bytesWanted()))
          .alert(alert -> done.add("alert " + alert.trigger()))
          .build();
    }

    private String dump() {
      done.add("state");
      return "state";
    }

    private long reclaim(long bytes) {
      done.add("reclaim " + bytes);
      freeWhatIsOld.run();
      return bytes;
    }

    /** Exactly these steps, in this order; gives their number. */
    int expect(String... steps) {
      Poll.until("steps " + List.of(steps), () -> done.size() >= steps.length);
      Expect.equal("steps", List.of(steps), done);
      return steps.length;
    }
  }

  static Suite.Builder checks(Suite.Builder suite) {
    return suite
        .check(
            "emergency: fragmentation",
            "above 70 %: write the state to the log; above 85 %: also save what matters and restart in order",
            Limit.exactly(4, "steps"),
            EmergencyDrill::fragmentation)
        .check(
            "emergency: exhaustion",
            "exhaustion: shed work that can wait, reclaim what is old, raise an alert",
            Limit.exactly(3, "steps"),
            EmergencyDrill::exhaustion)
        .check(
            "emergency: free bytes",
            "free bytes critical: raise an alert; low: a line in the log, no alert",
            Limit.exactly(1, "alerts"),
            EmergencyDrill::freeBytes)
        .check(
            "emergency: a reclaimer helps",
            "reclaim what is old before the request is refused: it is served",
            Limit.exactly(0, "failed requests"),
            EmergencyDrill::reclaimed);
  }

  private static double fragmentation(FreshPools pools) {
    Steps steps = new Steps();
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like()))
                .pool(Fragmented.POOL, Fragmented.region())
                .listener(steps.policies()));
    Fragmented region = new Fragmented(manager);
    region.makeHoles(69);
    Expect.equal("steps below 70 %", List.of(), steps.done);
    region.makeHoles(1);
    steps.expect("state");
    region.makeHoles(99);
    steps.expect("state");
    region.makeHoles(1);
    int all = steps.expect("state", "state", "save", "restart");
    region.freeAll();
    return all;
  }

  /** The old is freed by the policy, so the request is served when it is made again. */
  private static double exhaustion(FreshPools pools) {
    Steps steps = new Steps();
    pools.manager().addListener(steps.policies());
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    held.take(Tiers.tier(pool, LARGE).total(), LARGE);
    steps.freeWhatIsOld = held::freeOldest;
    Expect.refused(
        PoolExhaustedException.class, "4096 B, nothing free", () -> pool.allocate(LARGE));
    pool.allocate(LARGE).close();
    held.freeAll();
    return steps.expect("shed", "reclaim " + LARGE, "alert EXHAUSTED");
  }

  private static double freeBytes(FreshPools pools) {
    Steps steps = new Steps();
    long rest = 76 << 10;
    PoolManager manager =
        pools.open(
            PoolManager.builder()
                .pool(MAIN, pools.heard(pools.like().sharedFallback()))
                .fallbackBytes(rest)
                .budgetBytes(pools.pool().stats().regionBytes() + rest)
                .pressure(pools.profile().pressure())
                .listener(steps.policies()));
    MemoryPool pool = manager.pool(MAIN);
    long low = pool.allocateHandle(rest - (30 << 10));
    manager.pressure();
    Expect.equal("steps when free bytes are low", List.of(), steps.done);
    long critical = pool.allocateHandle(20 << 10);
    manager.pressure();
    Expect.equal("level when free bytes are critical", PressureLevel.CRITICAL, manager.pressure());
    double alerts = steps.expect("alert FREE_BYTES_CRITICAL");
    pool.free(low);
    pool.free(critical);
    Expect.equal("level when all is free", PressureLevel.NORMAL, manager.pressure());
    return alerts;
  }

  /** A reclaimer frees the oldest block whenever it is asked; so the request is served. */
  private static double reclaimed(FreshPools pools) {
    MemoryPool pool = pools.pool();
    Held held = new Held(pool);
    held.take(Tiers.tier(pool, LARGE).total(), LARGE);
    new Reclaimed(held, LARGE).during(pools.manager(), () -> pool.allocate(LARGE).close());
    return pool.stats().failed();
  }
}
