package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolListener.PressureChange;
import io.cistern.PressureLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which tiers are left alone, for how long. Time budget: 1 second. */
@Timeout(60)
class CrowdedTiersTest {
  private static MemoryPool full(long blockSize) {
    int count = (int) (OwnPools.tierBytes(blockSize) / blockSize);
    MemoryPool pool = MemoryPool.builder().tier(blockSize, count).build();
    assertThat(pool.tryAllocateHandles(blockSize, new long[count], 0, count)).isEqualTo(count);
    return pool;
  }

  private static PressureChange change(long blockSize, PressureLevel to) {
    return new PressureChange("pool", blockSize, PressureLevel.NORMAL, to, 1, 1);
  }

  @Test
  void aTierThatRefusedIsLeftAlone() {
    MemoryPool pool = full(128);
    CrowdedTiers crowded = new CrowdedTiers();
    assertThat(crowded.contains(100, pool)).isFalse();
    assertThat(crowded.allocate(100, pool)).isEqualTo(MemoryPool.NO_HANDLE);
    assertThat(crowded.contains(100, pool)).isTrue();
    pool.closeNow();
  }

  @Test
  void aCriticalTierIsLeftAloneAndNoOther() {
    MemoryPool pool = full(64 << 10);
    CrowdedTiers crowded = new CrowdedTiers();
    crowded.onPressureChanged(change(64 << 10, PressureLevel.LOW));
    crowded.onPressureChanged(change(0, PressureLevel.CRITICAL));
    assertThat(crowded.contains(64 << 10, pool)).isFalse();
    crowded.onPressureChanged(change(64 << 10, PressureLevel.CRITICAL));
    for (long size = 1; size <= 64 << 10; size++) {
      assertThat(crowded.contains(size, pool)).isEqualTo(size > 32 << 10);
    }
    pool.closeNow();
  }

  @Test
  void onceAQuarterIsFreeItIsUsedAgain() {
    int count = (int) (OwnPools.tierBytes(64) / 64);
    MemoryPool pool = MemoryPool.builder().tier(64, count).build();
    long[] handles = new long[count];
    pool.tryAllocateHandles(64, handles, 0, count);
    CrowdedTiers crowded = new CrowdedTiers();
    crowded.onPressureChanged(change(64, PressureLevel.CRITICAL));
    pool.free(handles, 0, (count / 4) - 1);
    assertThat(crowded.contains(1, pool)).isTrue();
    pool.free(handles, (count / 4) - 1, 1);
    assertThat(crowded.contains(64, pool)).isFalse();
    pool.closeNow();
  }
}
