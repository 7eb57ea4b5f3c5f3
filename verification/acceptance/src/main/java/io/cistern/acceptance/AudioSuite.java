package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.acceptance.Tiers.shape;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * R4, typed pools for audio streaming: its pools, what they take together, and frees that find
 * their pool. Sources are in {@link AudioSources}, limits and what happens at them in {@link
 * AudioLimits}.
 */
final class AudioSuite {
  static final String AUDIO = "audio";
  static final String NETWORK = "network";
  static final String GENERAL = "general";
  static final long AUDIO_BLOCK = 4096;
  static final long NETWORK_BLOCK = 20 * 1024;
  static final long GENERAL_BYTES = 4096;
  static final long FALLBACK = 64 * 1024;

  private static final String BUFFER = "i2s-input";
  private static final long BUFFER_BYTES = 16 * 1024;
  private static final long POOL_BYTES = (4 * AUDIO_BLOCK) + (2 * NETWORK_BLOCK) + GENERAL_BYTES;

  private AudioSuite() {}

  static Suite suite() {
    Suite.Builder suite = new Suite.Builder("R4", "audio", "typed pools for audio streaming");
    return AudioLimits.checks(AudioSources.checks(whole(pools(suite)))).build();
  }

  private static Suite.Builder pools(Suite.Builder suite) {
    return suite
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
            "a typed pool holds what its type was given; what is more goes to the fallback",
            Limit.exactly(4, "blocks served"),
            pools -> exactLimit(pools.pool(AUDIO), AUDIO_BLOCK))
        .check(
            "network: exact limit",
            "a typed pool holds what its type was given; what is more goes to the fallback",
            Limit.exactly(2, "blocks served"),
            pools -> exactLimit(pools.pool(NETWORK), NETWORK_BLOCK))
        .check(
            "leaks per pool",
            "leaks per pool: a pool with live blocks refuses to close and says how many",
            Limit.exactly(1, "leaks"),
            AudioSuite::leaks);
  }

  private static Suite.Builder whole(Suite.Builder suite) {
    return suite
        .check(
            "smallest budget",
            "the pools are opened together or not at all: 60 KB of pools, a buffer of 16 KB, fallback of 64 KB",
            Limit.exactly(POOL_BYTES + BUFFER_BYTES + FALLBACK, "B"),
            Tiers::smallestBudget)
        .check(
            "general: one region",
            "general 8 × 512 B, of variable size: one region of 4096 B; a single request may take all of it",
            Limit.exactly(GENERAL_BYTES, "B"),
            AudioSuite::oneRegion)
        .check(
            "static buffer",
            "a 16 KB static buffer (4096 × int32) for I2S input",
            Limit.exactly(4096, "numbers kept"),
            AudioSuite::staticBuffer)
        .check("usage figure", "76 KB of 200 KB = 38 %", Limit.exactly(38, "%"), AudioSuite::usage);
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
    return manager.stats().pools().stream().mapToLong(stats -> stats.frees()).sum();
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

  /** The first one that the pool cannot serve is served outside of it, and counted there. */
  private static double exactLimit(MemoryPool pool, long blockSize) {
    Held held = new Held(pool);
    while (Tiers.tier(pool, blockSize).free() > 0) {
      Expect.equal("blocks outside of the pool", 0, outside(pool).liveBlocks());
      held.take(blockSize);
    }
    int blocks = held.count();
    held.take(1);
    Expect.equal("blocks outside of the full pool", 1, outside(pool).liveBlocks());
    Expect.equal("bytes outside of the full pool", 1, outside(pool).liveBytes());
    Expect.equal("bytes in blocks of the pool", blocks * blockSize, pool.stats().usedBytes());
    held.freeAll();
    return blocks;
  }

  static PoolStats.Fallback outside(MemoryPool pool) {
    PoolStats.Fallback fallback = pool.stats().fallback();
    if (fallback == null) {
      throw new CheckFailedException("pool '" + pool.name() + "' has no fallback memory");
    }
    return fallback;
  }

  private static double leaks(FreshPools pools) {
    MemoryPool leaking = pools.pool(NETWORK);
    long leaked = leaking.allocateHandle(1500);
    double live = pools.manager().stats().pools().stream().mapToInt(stats -> stats.used()).sum();
    IllegalStateException refusal =
        Expect.refused(
            IllegalStateException.class, "closing a pool with a live block", leaking::close);
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), NETWORK);
    Expect.contains("the refusal", String.valueOf(refusal.getMessage()), "1");
    Expect.that(!leaking.isClosed(), "a pool with a live block was closed");
    leaking.free(leaked);
    return live;
  }

  private static double oneRegion(FreshPools pools) {
    MemoryPool general = pools.pool(GENERAL);
    Held held = new Held(general);
    held.take(general.stats().freeBytes());
    double taken = general.stats().usedBytes();
    Expect.equal("blocks that are used", 1, general.stats().used());
    Expect.equal("bytes that are left", 0, general.stats().freeBytes());
    Expect.equal("blocks outside of the pool", 0, outside(general).liveBlocks());
    held.freeAll();
    held.take(8, 512);
    Expect.equal("free bytes, 8 blocks of 512 B live", 0, general.stats().freeBytes());
    held.freeAll();
    return taken;
  }

  private static double staticBuffer(FreshPools pools) {
    MemorySegment buffer = pools.manager().buffer(BUFFER);
    Expect.equal("bytes of the buffer", BUFFER_BYTES, buffer.byteSize());
    int numbers = (int) (buffer.byteSize() / Integer.BYTES);
    for (int i = 0; i < numbers; i++) {
      Expect.equal("number " + i + " at the start", 0, buffer.getAtIndex(JAVA_INT, i));
      buffer.setAtIndex(JAVA_INT, i, ~i);
    }
    Expect.refused(
        IndexOutOfBoundsException.class,
        "a number more",
        () -> buffer.setAtIndex(JAVA_INT, numbers, 1));
    int kept = 0;
    while (kept < numbers && pools.manager().buffer(BUFFER).getAtIndex(JAVA_INT, kept) == ~kept) {
      kept++;
    }
    return kept;
  }

  /** What is reserved from the start; fallback memory is taken, or not, later. */
  private static double usage(FreshPools pools) {
    PoolManager manager = pools.manager();
    long buffers = manager.buffers().values().stream().mapToLong(MemorySegment::byteSize).sum();
    long reserved = manager.regionBytes() + buffers;
    long fallback = outside(pools.pool(AUDIO)).limitBytes();
    Expect.equal("pools and buffers", POOL_BYTES + BUFFER_BYTES, reserved);
    Expect.equal("taken of the budget", reserved + fallback, manager.budgetUsedBytes());
    return 100.0 * reserved / manager.budgetBytes();
  }
}
