package io.cistern.acceptance;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.acceptance.AudioSuite.AUDIO;
import static io.cistern.acceptance.AudioSuite.AUDIO_BLOCK;
import static io.cistern.acceptance.AudioSuite.FALLBACK;
import static io.cistern.acceptance.AudioSuite.GENERAL;
import static io.cistern.acceptance.AudioSuite.GENERAL_BYTES;
import static io.cistern.acceptance.AudioSuite.NETWORK;
import static io.cistern.acceptance.AudioSuite.NETWORK_BLOCK;
import static io.cistern.acceptance.AudioSuite.outside;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * R4 where its pools end: fallback memory to the byte, requests larger than blocks, clean-up in an
 * emergency, and memory of idle pools that is given back and taken again.
 */
final class AudioLimits {
  private static final Duration IDLE = Duration.ofMillis(20);
  private static final int PIECE = 1024;

  private AudioLimits() {}

  static Suite.Builder checks(Suite.Builder suite) {
    return regions(fallback(suite));
  }

  private static Suite.Builder fallback(Suite.Builder suite) {
    return suite
        .check(
            "fallback to the byte",
            "fallback when a typed pool is exhausted, 64 KB in total: total bytes live, exact; not a byte beyond",
            Limit.exactly(FALLBACK, "B"),
            AudioLimits::toTheByte)
        .check(
            "fallback under 4 threads",
            "fallback 64 KB in total: 4 threads that race for it overstep it in no round",
            Limit.exactly(20 * FALLBACK / PIECE, "pieces served"),
            pools -> raced(pools, 4, 20))
        .check(
            "larger than blocks",
            "fallback when the request is larger than its blocks, counted and reported",
            Limit.exactly(3, "requests served"),
            AudioLimits::largerThanBlocks)
        .check(
            "emergency clean-up",
            "when nothing is left a reclaimer frees, and the request is served",
            Limit.exactly(0, "failed requests"),
            AudioLimits::cleanUp);
  }

  private static Suite.Builder regions(Suite.Builder suite) {
    return suite
        .check(
            "pressure",
            "pressure is watched: the level of the whole as its pools fill and empty",
            Limit.atLeast(95, "%"),
            AudioLimits::pressure)
        .check(
            "idle pools give back",
            "pools that nobody uses give their memory back, never with live blocks",
            Limit.exactly(0, "B"),
            AudioLimits::givenBack)
        .check(
            "re-reserved on demand",
            "the region is re-reserved on demand, within the budget",
            Limit.exactly(4 * AUDIO_BLOCK, "B"),
            AudioLimits::reservedAgain);
  }

  private static List<Held> fill(FreshPools pools) {
    Held audio = new Held(pools.pool(AUDIO));
    audio.take(4, AUDIO_BLOCK);
    Held network = new Held(pools.pool(NETWORK));
    network.take(2, NETWORK_BLOCK);
    Held general = new Held(pools.pool(GENERAL));
    general.take(GENERAL_BYTES);
    return List.of(audio, network, general);
  }

  private static long outsideBytes(FreshPools pools) {
    return pools.manager().pools().stream().mapToLong(pool -> outside(pool).liveBytes()).sum();
  }

  private static double toTheByte(FreshPools pools) {
    List<Held> held = fill(pools);
    Expect.equal("bytes outside of pools that are just full", 0, outsideBytes(pools));
    held.get(0).take(30_001);
    held.get(1).take(20_001);
    held.get(2).take(FALLBACK - 30_001 - 20_001 - 1);
    held.forEach(pool -> Expect.that(!pool.tryTake(2), "2 B were served where 1 B is left"));
    held.get(0).take(1);
    double most = outsideBytes(pools);
    for (MemoryPool pool : pools.manager().pools()) {
      Expect.equal(
          "limit that pool '" + pool.name() + "' tells", FALLBACK, outside(pool).limitBytes());
      Expect.refused(PoolExhaustedException.class, "a byte too many", () -> pool.allocate(1));
    }
    held.get(2).freeNewest();
    held.get(1).take(FALLBACK - 30_001 - 20_001 - 1);
    Expect.equal("bytes outside, taken over by another pool", FALLBACK, outsideBytes(pools));
    held.forEach(Held::freeAll);
    Expect.equal("bytes outside, all freed", 0, outsideBytes(pools));
    return most;
  }

  /** In each round all threads take pieces until they are refused, then all is freed. */
  private static double raced(FreshPools pools, int threads, int rounds) throws Exception {
    List<Held> held = fill(pools);
    MemoryPool audio = pools.pool(AUDIO);
    Callable<List<Long>> racer = () -> takePieces(audio);
    double served = 0;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < rounds; round++) {
        List<Long> all = new ArrayList<>();
        for (Future<List<Long>> taken : executor.invokeAll(Collections.nCopies(threads, racer))) {
          all.addAll(taken.get());
        }
        Expect.equal("pieces in round " + round, FALLBACK / PIECE, all.size());
        Expect.equal("bytes outside in round " + round, FALLBACK, outsideBytes(pools));
        all.forEach(audio::free);
        served += all.size();
      }
    }
    held.forEach(Held::freeAll);
    return served;
  }

  private static List<Long> takePieces(MemoryPool pool) {
    List<Long> pieces = new ArrayList<>();
    for (long piece = pool.tryAllocateHandle(PIECE);
        piece != MemoryPool.NO_HANDLE;
        piece = pool.tryAllocateHandle(PIECE)) {
      pieces.add(piece);
    }
    return pieces;
  }

  private static double largerThanBlocks(FreshPools pools) {
    double served = 0;
    for (MemoryPool pool : pools.manager().pools()) {
      long size = largestBlock(pool) + 1;
      long handle = pool.allocateHandle(size);
      Expect.equal("bytes of the segment", size, pool.segment(handle).byteSize());
      Expect.equal("bytes of the pool for " + size + " B", 0, pool.stats().usedBytes());
      Expect.equal("bytes outside of the pool for " + size + " B", size, outside(pool).liveBytes());
      Expect.equal("requests served outside", 1, outside(pool).allocations());
      pools.manager().free(handle);
      Expect.invalid(DOUBLE_FREE, "a second free", () -> pools.manager().free(handle));
      Expect.refused(
          IllegalArgumentException.class,
          "a byte more than all fallback memory",
          () -> pool.allocate(FALLBACK + 1));
      served += outside(pool).frees();
    }
    Expect.equal("failed requests", 0, pools.pool(AUDIO).stats().failed());
    return served;
  }

  private static long largestBlock(MemoryPool pool) {
    return pool.stats().tiers().stream()
        .mapToLong(tier -> tier.blockSizeBytes())
        .max()
        .orElse(GENERAL_BYTES);
  }

  private static double cleanUp(FreshPools pools) {
    MemoryPool audio = pools.pool(AUDIO);
    List<Held> held = fill(pools);
    Held rest = new Held(audio);
    rest.take(FALLBACK);
    new Reclaimed(held.getFirst(), AUDIO_BLOCK)
        .during(pools.manager(), () -> audio.allocate(AUDIO_BLOCK).close());
    double failed = audio.stats().failed();
    rest.freeAll();
    held.forEach(Held::freeAll);
    return failed;
  }

  private static double pressure(FreshPools pools) {
    PoolManager manager = pools.manager();
    Heard heard = new Heard();
    manager.addListener(heard);
    Expect.equal("level of empty pools", PressureLevel.NORMAL, manager.pressure());
    List<Held> held = fill(pools);
    Expect.equal("level of full pools", PressureLevel.CRITICAL, manager.pressure());
    double at = heard.whole(PressureLevel.CRITICAL).value();
    held.forEach(Held::freeAll);
    Expect.equal("level of empty pools again", PressureLevel.NORMAL, manager.pressure());
    return at;
  }

  private static PoolManager comingAndGoing(FreshPools pools) {
    return pools.open(
        PoolManager.builder()
            .budgetBytes(4 * AUDIO_BLOCK + 2 * NETWORK_BLOCK)
            .pool(AUDIO, pools.heard(pools.like(AUDIO).regions(0, 1, IDLE)))
            .pool(NETWORK, pools.heard(pools.like(NETWORK).regions(0, 1, IDLE))));
  }

  /** Audio stays in use while network, which is idle as long, is given back. */
  private static double givenBack(FreshPools pools) {
    PoolManager manager = comingAndGoing(pools);
    Expect.equal("bytes before the first request", 0, manager.regionBytes());
    Held audio = new Held(manager.pool(AUDIO));
    audio.take(AUDIO_BLOCK);
    Held network = new Held(manager.pool(NETWORK));
    network.take(2, NETWORK_BLOCK);
    Expect.equal("bytes in use", manager.budgetBytes(), manager.regionBytes());
    network.freeAll();
    Poll.until("network has given its region back", () -> regionBytes(manager, NETWORK) == 0);
    Expect.equal("region of audio with a live block", 4 * AUDIO_BLOCK, regionBytes(manager, AUDIO));
    audio.freeAll();
    Poll.until("audio has given its region back", () -> regionBytes(manager, AUDIO) == 0);
    Poll.until("the budget has it", () -> manager.budgetUsedBytes() == 0);
    Expect.equal("frees that are still counted", 2, manager.pool(NETWORK).stats().frees());
    return manager.regionBytes();
  }

  private static long regionBytes(PoolManager manager, String pool) {
    return manager.pool(pool).stats().regionBytes();
  }

  /** The budget has room for one of both pools: audio is served when network has given back. */
  private static double reservedAgain(FreshPools pools) {
    PoolManager manager = comingAndGoing(pools);
    manager.setBudget(2 * NETWORK_BLOCK);
    Held network = new Held(manager.pool(NETWORK));
    network.take(NETWORK_BLOCK);
    Held audio = new Held(manager.pool(AUDIO));
    Expect.that(!audio.tryTake(AUDIO_BLOCK), "audio was served beyond the budget");
    network.freeAll();
    Poll.until("network has given its region back", () -> manager.budgetUsedBytes() == 0);
    audio.take(4, AUDIO_BLOCK);
    Expect.that(!network.tryTake(1), "network was served beyond the budget");
    double again = manager.budgetUsedBytes();
    audio.freeAll();
    return again;
  }
}
