package io.cistern.acceptance;

import static io.cistern.acceptance.AudioSuite.AUDIO;
import static io.cistern.acceptance.AudioSuite.AUDIO_BLOCK;
import static io.cistern.acceptance.AudioSuite.GENERAL;
import static io.cistern.acceptance.AudioSuite.NETWORK;
import static io.cistern.acceptance.AudioSuite.NETWORK_BLOCK;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** R4's sources: every allocation carries a label, and reports and leaks are told per label. */
final class AudioSources {
  /** Seed of the random operations; fixed, so that a failure comes again. */
  private static final long SEED = 1;

  private static final List<String> SOURCES = List.of("decoder", "mixer", "tcp");

  private AudioSources() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return suite
        .check(
            "label reports",
            "every allocation carries a source label: allocations, frees, live blocks and bytes per label",
            Limit.exactly(2000, "equal reports"),
            pools -> reports(pools, 2000))
        .check(
            "label of what was refused",
            "every allocation carries a source label: refused requests, and what lies outside of the pool, too",
            Limit.exactly(3, "refused requests"),
            AudioSources::refusals)
        .check(
            "leaks per source",
            "leaks per source: live blocks per label, whoever frees the others",
            Limit.exactly(3, "leaks"),
            AudioSources::leaks);
  }

  /** What one source holds of one pool, beside what the pool says of it. */
  private static final class Source {
    final MemoryPool pool;
    final String label;
    final long size;
    final Held held;
    long allocations;

    Source(MemoryPool pool, String label, long size) {
      this.pool = pool;
      this.label = label;
      this.size = size;
      this.held = new Held(pool.labelled(label));
    }

    void step(Random random) {
      if (held.count() > 0 && random.nextInt(2) == 0) {
        held.freeAny(random);
      } else if (pool.stats().freeBytes() >= size) {
        held.take(size);
        allocations++;
      }
    }

    void compare(String when) {
      PoolStats.Label report = of(pool, label);
      String where = " of '%s' in pool '%s' %s".formatted(label, pool.name(), when);
      Expect.equal("allocations" + where, allocations, report.allocations());
      Expect.equal("frees" + where, allocations - held.count(), report.frees());
      Expect.equal("live blocks" + where, held.count(), report.liveBlocks());
      Expect.equal("live bytes" + where, held.count() * size, report.liveBytes());
    }
  }

  private static PoolStats.Label of(MemoryPool pool, String label) {
    return pool.stats().labels().stream()
        .filter(report -> report.name().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new CheckFailedException(
                "pool '%s' does not report label '%s'".formatted(pool.name(), label)));
  }

  private static double reports(FreshPools pools, int operations) {
    Random random = new Random(SEED);
    List<Source> sources = new ArrayList<>();
    for (String label : SOURCES) {
      sources.add(new Source(pools.pool(AUDIO), label, AUDIO_BLOCK));
      sources.add(new Source(pools.pool(NETWORK), label, NETWORK_BLOCK));
      sources.add(new Source(pools.pool(GENERAL), label, 512));
    }
    int equal = 0;
    for (; equal < operations; equal++) {
      sources.get(random.nextInt(sources.size())).step(random);
      String when = "after operation %d of seed %d".formatted(equal + 1, SEED);
      sources.forEach(source -> source.compare(when));
    }
    sources.forEach(source -> source.held.freeAll());
    return equal;
  }

  private static double refusals(FreshPools pools) {
    MemoryPool audio = pools.pool(AUDIO);
    Held tcp = new Held(audio.labelled("tcp"));
    tcp.take(4, AUDIO_BLOCK);
    tcp.take(AudioSuite.FALLBACK - 1);
    Held decoder = new Held(audio.labelled("decoder"));
    for (int i = 0; i < 3; i++) {
      Expect.that(!decoder.tryTake(2), "2 B were served where 1 B is left");
    }
    PoolStats.Label report = of(audio, "tcp");
    Expect.equal("failed requests of 'tcp'", 0, report.failed());
    Expect.equal("live blocks of 'tcp'", 5, report.liveBlocks());
    Expect.equal(
        "live bytes of 'tcp'", 4 * AUDIO_BLOCK + AudioSuite.FALLBACK - 1, report.liveBytes());
    tcp.freeAll();
    return of(audio, "decoder").failed();
  }

  /** Blocks of two sources are freed without naming pool or label; what is left is the leak. */
  private static double leaks(FreshPools pools) {
    List<Long> leaked = new ArrayList<>();
    for (MemoryPool pool : List.of(pools.pool(AUDIO), pools.pool(NETWORK), pools.pool(GENERAL))) {
      long decoder = pool.labelled("decoder").allocateHandle(100);
      leaked.add(pool.labelled("mixer").allocateHandle(100));
      pools.manager().free(decoder);
    }
    double leaks = 0;
    for (PoolStats stats : pools.manager().stats().pools()) {
      for (PoolStats.Label report : stats.labels()) {
        boolean isLeaking = report.name().equals("mixer");
        String what = "leaks of '%s' in pool '%s'".formatted(report.name(), stats.pool());
        Expect.equal(what, isLeaking ? 1 : 0, report.liveBlocks());
        leaks += report.liveBlocks();
      }
    }
    leaked.forEach(pools.manager()::free);
    return leaks;
  }
}
