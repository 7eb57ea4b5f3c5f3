package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import java.util.ArrayList;
import java.util.List;

/**
 * R4, typed pools for audio streaming: the two pools of fixed blocks, and frees that find their
 * pool. The pool of variable size, the fallback, labels of sources and giving memory back wait for
 * later capabilities.
 */
final class AudioSuite {
  private static final String AUDIO = "audio";
  private static final String NETWORK = "network";
  private static final long AUDIO_BLOCK = 4096;
  private static final long NETWORK_BLOCK = 20 * 1024;

  private AudioSuite() {}

  static Suite suite() {
    return new Suite.Builder("R4", "audio", "typed pools for audio streaming")
        .check(
            "audio: size and count",
            "audio 4 × 4 KB",
            Limit.exactly(4 * AUDIO_BLOCK, "B"),
            pools -> Tiers.untouched(pools.pool(AUDIO), shape(AUDIO_BLOCK, 4)))
        .check(
            "network: size and count",
            "network 2 × 20 KB (TCP send and receive)",
            Limit.exactly(2 * NETWORK_BLOCK, "B"),
            pools -> Tiers.untouched(pools.pool(NETWORK), shape(NETWORK_BLOCK, 2)))
        .check(
            "free without naming the pool",
            "free finds its pool by itself",
            Limit.exactly(6, "blocks freed"),
            AudioSuite::freeByManager)
        .check(
            "wrong frees without a pool",
            "free finds its pool by itself, and refuses what is of no pool or not live",
            Limit.exactly(3, "frees refused"),
            AudioSuite::wrongFreesByManager)
        .check(
            "audio: exact limit",
            "a typed pool holds what its type was given, not a block more",
            Limit.exactly(4, "blocks served"),
            pools -> exactLimit(pools.pool(AUDIO), AUDIO_BLOCK))
        .check(
            "network: exact limit",
            "a typed pool holds what its type was given, not a block more",
            Limit.exactly(2, "blocks served"),
            pools -> exactLimit(pools.pool(NETWORK), NETWORK_BLOCK))
        .check(
            "leaks per pool",
            "leaks per pool: a pool with live blocks refuses to close and says how many",
            Limit.exactly(1, "leaks"),
            AudioSuite::leaks)
        .check(
            "smallest budget",
            "the pools are opened together or not at all",
            Limit.exactly(4 * AUDIO_BLOCK + 2 * NETWORK_BLOCK, "B"),
            Tiers::smallestBudget)
        .build();
  }

  private static double freeByManager(FreshPools pools) {
    PoolManager manager = pools.manager();
    List<Long> handles = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      handles.add(pools.pool(AUDIO).allocateHandle(AUDIO_BLOCK));
    }
    handles.add(1, pools.pool(NETWORK).allocateHandle(NETWORK_BLOCK));
    handles.add(3, pools.pool(NETWORK).allocateHandle(1));
    handles.forEach(manager::free);
    Expect.equal("frees of the audio pool", 4, pools.pool(AUDIO).stats().frees());
    Expect.equal("frees of the network pool", 2, pools.pool(NETWORK).stats().frees());
    return manager.stats().stream().mapToLong(stats -> stats.frees()).sum();
  }

  private static double wrongFreesByManager(FreshPools pools) {
    PoolManager manager = pools.manager();
    MemoryPool stranger = pools.open(MemoryPool.builder().name("stranger").tier(AUDIO_BLOCK, 1));
    long foreign = stranger.allocateHandle(1);
    Expect.invalid(FOREIGN, "a handle of no pool", () -> manager.free(foreign));
    stranger.free(foreign);
    double refused = 1;
    for (MemoryPool pool : List.of(pools.pool(AUDIO), pools.pool(NETWORK))) {
      long handle = pool.allocateHandle(1);
      manager.free(handle);
      Expect.invalid(DOUBLE_FREE, "a second free in " + pool.name(), () -> manager.free(handle));
      refused += pool.stats().violations();
    }
    return refused;
  }

  private static double exactLimit(MemoryPool pool, long blockSize) {
    Held held = new Held(pool);
    double served = held.takeAll(blockSize);
    Expect.refused(PoolExhaustedException.class, "1 B of an empty pool", () -> pool.allocate(1));
    Expect.refused(
        IllegalArgumentException.class,
        "a byte more than a block",
        () -> pool.allocate(blockSize + 1));
    Expect.equal("failed requests", 2, pool.stats().failed());
    Expect.equal("refused requests", 1, pool.stats().refused());
    held.freeAll();
    return served;
  }

  private static double leaks(FreshPools pools) {
    MemoryPool leaking = pools.pool(NETWORK);
    long leaked = leaking.allocateHandle(1500);
    double live = pools.manager().stats().stream().mapToInt(stats -> stats.used()).sum();
    IllegalStateException refusal =
        Expect.refused(
            IllegalStateException.class, "closing a pool with a live block", leaking::close);
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), NETWORK);
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), "1");
    Expect.that(!leaking.isClosed(), "a pool with a live block was closed");
    leaking.free(leaked);
    return live;
  }
}
