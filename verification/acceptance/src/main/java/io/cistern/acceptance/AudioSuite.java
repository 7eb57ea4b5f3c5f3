package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.acceptance.Tiers.shape;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import java.util.ArrayList;
import java.util.List;

/**
 * R4, typed pools for audio streaming: the three pools and the static buffer under one budget,
 * frees that find their pool, labels of sources, and fallback memory to the byte. Giving memory
 * back and the event bus wait for later capabilities.
 */
final class AudioSuite {
  private static final String AUDIO = "audio";
  private static final String NETWORK = "network";
  private static final String GENERAL = "general";
  private static final long GENERAL_BYTES = 4096;
  private static final long BUFFER_BYTES = 4096 * Integer.BYTES;
  private static final long FALLBACK_BYTES = 64 * 1024;
  private static final long AUDIO_BLOCK = 4096;
  private static final long NETWORK_BLOCK = 20 * 1024;
  private static final long TAKEN =
      (4 * AUDIO_BLOCK) + (2 * NETWORK_BLOCK) + GENERAL_BYTES + BUFFER_BYTES;

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
            AudioSuite::leaks)
        .check(
            "smallest budget",
            "the pools are opened together or not at all",
            Limit.exactly(TAKEN + FALLBACK_BYTES, "B"),
            Tiers::smallestBudget)
        .check(
            "general: any size",
            "general 8 × 512 B, of variable size; a single request may take all of it",
            Limit.exactly(GENERAL_BYTES, "B"),
            AudioSuite::anySize)
        .check(
            "usage figure",
            "a 16 KB static buffer (4096 × int32) for I2S input: 76 KB of 200 KB = 38 %",
            Limit.exactly(38, "%"),
            AudioSuite::usage)
        .check(
            "fallback to the byte",
            "fallback, 64 KB in total, counted and reported; up to the byte and not beyond",
            Limit.exactly(FALLBACK_BYTES, "B"),
            AudioSuite::fallbackToTheByte)
        .check(
            "label reports",
            "every allocation carries a source label; leaks per pool and per source",
            Limit.exactly(3, "live blocks"),
            AudioSuite::labels)
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
    double served = 0;
    for (held.take(blockSize); fallback(pool).liveBlocks() == 0; held.take(blockSize)) {
      served++;
    }
    held.take(blockSize + 1);
    Expect.equal("blocks in fallback memory", 2, fallback(pool).liveBlocks());
    Expect.equal("bytes in fallback memory", (2 * blockSize) + 1, fallback(pool).liveBytes());
    Expect.equal("free blocks of the pool", 0, pool.stats().free());
    Expect.refused(
        IllegalArgumentException.class,
        "a byte more than all fallback memory",
        () -> pool.allocate(FALLBACK_BYTES + 1));
    Expect.equal("refused requests", 1, pool.stats().refused());
    held.freeAll();
    Expect.equal("bytes in fallback memory afterwards", 0, fallback(pool).liveBytes());
    return served;
  }

  private static PoolStats.Fallback fallback(MemoryPool pool) {
    PoolStats.Fallback fallback = pool.stats().fallback();
    if (fallback == null) {
      throw new CheckFailedException("pool '%s' has no fallback".formatted(pool.name()));
    }
    return fallback;
  }

  private static double anySize(FreshPools pools) {
    Held held = new Held(pools.pool(GENERAL));
    held.take(8, 512);
    Expect.equal("fallback memory beside 8 × 512 B", 0, fallback(pools.pool(GENERAL)).liveBytes());
    held.freeAll();
    held.take(GENERAL_BYTES);
    Expect.equal("fallback memory beside it all", 0, fallback(pools.pool(GENERAL)).liveBytes());
    double live = pools.pool(GENERAL).stats().usedBytes();
    held.freeAll();
    return live;
  }

  private static double usage(FreshPools pools) {
    PoolManager manager = pools.manager();
    long buffer = manager.buffer("i2s-input").asSlice(0, 4096 * Integer.BYTES).byteSize();
    Expect.equal("static buffers", 1, manager.buffers().size());
    Expect.equal("bytes of pools and buffer", TAKEN, manager.regionBytes() + buffer);
    return 100.0 * (manager.regionBytes() + buffer) / manager.budgetBytes();
  }

  /** Two pools take all of it between them, the last byte too. */
  private static double fallbackToTheByte(FreshPools pools) {
    MemoryPool audio = pools.pool(AUDIO);
    Held blocks = new Held(audio);
    blocks.take(4, AUDIO_BLOCK);
    Held outside = new Held(pools.pool(NETWORK));
    outside.take(FALLBACK_BYTES - 1);
    Expect.refused(PoolExhaustedException.class, "a byte too many", () -> audio.allocate(2));
    blocks.take(1);
    Expect.refused(PoolExhaustedException.class, "one more byte", () -> audio.allocate(1));
    double live = fallback(audio).liveBytes() + fallback(pools.pool(NETWORK)).liveBytes();
    blocks.freeAll();
    outside.freeAll();
    return live;
  }

  private static double labels(FreshPools pools) {
    MemoryPool audio = pools.pool(AUDIO);
    MemoryPool codec = audio.labelled("codec");
    long played = codec.allocateHandle(100);
    List<Long> leaked =
        List.of(
            codec.allocateHandle(AUDIO_BLOCK),
            audio.labelled("mixer").allocateHandle(1),
            audio.labelled("mixer").allocateHandle(AUDIO_BLOCK + 1));
    pools.manager().free(played);
    Expect.equal("labels", List.of("", "codec", "mixer"), names(audio));
    Expect.equal(
        "of the codec", new PoolStats.Label("codec", 2, 1, 1, AUDIO_BLOCK, 0), label(audio, 1));
    Expect.equal(
        "of the mixer",
        new PoolStats.Label("mixer", 2, 0, 2, (2 * AUDIO_BLOCK) + 1, 0),
        label(audio, 2));
    double live = audio.stats().labels().stream().mapToLong(PoolStats.Label::liveBlocks).sum();
    leaked.forEach(pools.manager()::free);
    return live;
  }

  private static List<String> names(MemoryPool pool) {
    return pool.stats().labels().stream().map(PoolStats.Label::name).toList();
  }

  private static PoolStats.Label label(MemoryPool pool, int index) {
    return pool.stats().labels().get(index);
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
