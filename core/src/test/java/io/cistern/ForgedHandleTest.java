package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.InvalidFreeException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million handles out of thin air free nothing. Time budget: 5 seconds. */
class ForgedHandleTest {
  private static final int TRIES = 1_000_000;

  /** Any generation of a block of the first tier, which has 64. */
  private static final long BLOCK_OF_64 = 0x0000_003F_FFFF_FFFFL;

  @Test
  void randomHandlesFreeNothing() throws Exception {
    SplittableRandom random = Seed.random("random handles");
    try (MemoryPool pool = MemoryPool.builder().tier(64, 64).tier(128, 100).tier(256, 8).build()) {
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        live.add(pool.allocate(1 + i % 128));
      }
      long own = live.getFirst().handle() & 0xFF00_0000_0000_0000L;
      int foreign = Threads.elsewhere(() -> tryToFree(pool, own, random));
      assertThat(foreign).as("refused as FOREIGN").isBetween(TRIES / 2, TRIES - 1);
      assertThat(live).allMatch(MemoryBlock::isLive);
      assertThat(pool.stats().used()).isEqualTo(80);
      assertThat(pool.stats().violations()).isEqualTo(TRIES);
      live.forEach(MemoryBlock::close);
      pool.verify().orThrow();
    }
  }

  /** Half of the handles name the pool itself; of these, one in 32 names one of its blocks. */
  private static int tryToFree(MemoryPool pool, long own, SplittableRandom random) {
    int foreign = 0;
    for (int i = 0; i < TRIES; i++) {
      long bits = random.nextLong();
      long forged = i % 2 == 0 ? bits : own | (i % 64 == 1 ? bits & BLOCK_OF_64 : bits >>> 8);
      try {
        pool.free(forged);
        throw new AssertionError("freed by handle 0x%016x".formatted(forged));
      } catch (InvalidFreeException refused) {
        foreign += refused.reason() == Reason.FOREIGN ? 1 : 0;
      }
    }
    return foreign;
  }

  @Test
  void everyTierAndBlockThatIsNotThereIsForeign() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 5).tier(128, 7).tier(256, 9).build()) {
      long handle = pool.allocateHandle(64);
      int id = (int) (handle >>> 56);
      int[] counts = {5, 7, 9, 0};
      for (int tier = 0; tier < 4; tier++) {
        for (int block = 0; block < 1 << 12; block++) {
          long forged = new HandleParts(id, tier, block, handle & 0xFFFF_FFFFL).handle(3);
          Reason reason = reasonOf(pool, forged, handle);
          assertThat(reason == Reason.FOREIGN)
              .as("tier %d block %d: %s", tier, block, reason)
              .isEqualTo(block >= counts[tier]);
        }
      }
      pool.free(handle);
    }
  }

  private static Reason reasonOf(MemoryPool pool, long forged, long live) {
    if (forged == live) {
      return Reason.STALE;
    }
    try {
      pool.free(forged);
    } catch (InvalidFreeException refused) {
      return refused.reason();
    }
    throw new AssertionError("freed by handle 0x%016x".formatted(forged));
  }
}
