package io.cistern.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PressureLevel;
import io.cistern.PressureLimits;
import io.cistern.config.Profile;
import io.cistern.internal.IndexStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Measures that do not depend on the profile alone give another figure, or none, when what they
 * measure is set otherwise. Time budget: 10 s.
 */
class WrongOptionsTest {
  private static FreshPools esp32s3() {
    return new FreshPools(Profile.load("esp32s3"));
  }

  private static FreshPools modesp() {
    return new FreshPools(Profile.load("modesp"));
  }

  @Test
  void moreFallbackMemory() {
    try (FreshPools pools = modesp()) {
      assertThatThrownBy(() -> ModespOptions.fallbackMode(pools, 4097))
          .isInstanceOf(CheckFailedException.class)
          .hasMessage("2 B were served where 1 B is left");
    }
  }

  @Test
  void aLargerQuota() {
    try (FreshPools pools = modesp()) {
      assertThatThrownBy(() -> ModuleQuotas.limit(ModuleQuotas.open(pools, 4096, 4096)))
          .isInstanceOf(CheckFailedException.class)
          .hasMessage("limit of the refusal: 4096, expected 2048");
    }
  }

  @Test
  void aSmallerGuarantee() {
    try (FreshPools pools = modesp()) {
      assertThatThrownBy(() -> ModuleQuotas.guarantee(ModuleQuotas.open(pools, 2048, 2048)))
          .isInstanceOf(CheckFailedException.class)
          .hasMessageStartingWith("what the module may have itself: ");
    }
  }

  @Test
  void otherThresholdsOfFragmentation() {
    try (FreshPools pools = esp32s3()) {
      PressureLimits limits = pools.profile().pressure().withFragmentationPercent(60, 80);
      assertThat(HealthLevels.fragmentation(pools, limits, PressureLevel.LOW)).isEqualTo(60);
      assertThat(HealthLevels.fragmentation(pools, limits, PressureLevel.CRITICAL)).isEqualTo(80);
    }
  }

  @Test
  void higherThresholdsOfFreeBytes() {
    try (FreshPools pools = esp32s3()) {
      PressureLimits limits = pools.profile().pressure().withFreeBytes((50 << 10) + 1, 20 << 10);
      assertThatThrownBy(() -> HealthLevels.freeBytes(pools, limits, PressureLevel.LOW))
          .isInstanceOf(CheckFailedException.class)
          .hasMessage("crossings with 50 KB free: 1, expected 0");
    }
  }

  @Test
  void aReclaimerThatIsNeverAsked() {
    try (FreshPools pools = esp32s3()) {
      Held cache = new Held(pools.pool());
      cache.take(256);
      Reclaimed reclaimed = new Reclaimed(cache, 256);
      assertThatThrownBy(() -> reclaimed.during(pools.manager(), () -> {}))
          .isInstanceOf(CheckFailedException.class)
          .hasMessageStartingWith("the reclaimer was never asked");
      assertThat(cache.count()).isZero();
    }
  }

  /** Above 30 % instead of 20: a fragmentation between them stays. */
  @ParameterizedTest
  @ValueSource(doubles = {30, 50})
  void aTriggerThatComesLate(double percent) {
    assertThat(NumericIndices.highestThatStays(new IndexStack(50, percent)))
        .isGreaterThan(20)
        .isLessThanOrEqualTo(percent);
  }

  @Test
  void aTriggerThatNeverComes() {
    IndexStack indices = new IndexStack(50, IndexStack.NEVER);
    assertThatThrownBy(() -> NumericIndices.highestThatStays(indices))
        .isInstanceOf(CheckFailedException.class)
        .hasMessage("never coalesced in 10000 operations");
  }

  @Test
  void whatIsLiveOutsideOfAPoolIsSeen() {
    try (FreshPools pools = esp32s3()) {
      MemoryPool pool = pools.open(pools.like().fallback(8192));
      long handle = pool.allocateHandle(5000);
      assertThatThrownBy(pools::expectSettled)
          .isInstanceOf(CheckFailedException.class)
          .hasMessage("live blocks of pool 'main' after the check: 1, expected 0");
      pool.free(handle);
      pools.expectSettled();
    }
  }

  @Test
  void whatIsLiveInAFurtherManagerIsSeenAndClosed() {
    PoolManager manager;
    try (FreshPools pools = esp32s3()) {
      manager = pools.open(PoolManager.builder().pool("more", pools.like().labels()));
      manager.pool("more").labelled("made up").allocateHandle(1);
      assertThatThrownBy(pools::expectSettled)
          .hasMessage("live blocks of pool 'more' after the check: 1, expected 0");
    }
    assertThat(manager.pools()).allMatch(MemoryPool::isClosed);
  }
}
