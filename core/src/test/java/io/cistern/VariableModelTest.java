package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random histories of a pool of any size against {@link VariableMirror}: where every block lies,
 * every figure, and that every block keeps what its owner wrote. Time budget: 4 seconds.
 */
class VariableModelTest {
  private static final int STEPS = 20_000;
  private static final int LOOK_EVERY = 50;
  private static final long BYTES = 1 << 16;

  private final SplittableRandom random = Seed.random("model of any size");
  private final List<Long> live = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(Zeroing.class)
  void agrees(Zeroing zeroing) {
    try (MemoryPool pool = MemoryPool.builder().variable(BYTES).zeroing(zeroing).build()) {
      VariableMirror mirror = new VariableMirror(pool);
      for (int step = 0; step < STEPS; step++) {
        boolean fills = step / 2_000 % 2 == 0;
        switch (random.nextInt(10)) {
          case 0 -> resize(pool, mirror);
          case 1 -> freeAgain(pool, mirror);
          default -> {
            if (random.nextInt(8) < (fills ? 5 : 3)) {
              allocate(pool, mirror, zeroing);
            } else {
              free(pool, mirror);
            }
          }
        }
        if (step % LOOK_EVERY == 0) {
          mirror.assertAgrees();
          pool.verify().orThrow();
        }
      }
      while (!live.isEmpty()) {
        free(pool, mirror);
      }
      mirror.assertAgrees();
      MemoryPoolContract.assertInOrder(pool);
    }
  }

  private long size() {
    return 1 + (random.nextInt(20) == 0 ? random.nextLong(BYTES / 4) : random.nextLong(2_000));
  }

  private void allocate(MemoryPool pool, VariableMirror mirror, Zeroing zeroing) {
    long size = size();
    long handle = pool.tryAllocateHandle(size);
    if (handle == MemoryPool.NO_HANDLE) {
      assertThat(mirror.gaps()).as("gaps, asked %d B", size).allMatch(gap -> gap < size);
      mirror.failed++;
      return;
    }
    mirror.allocated(handle);
    if (zeroing != Zeroing.OFF) {
      assertThat(ZeroingContractTest.isZero(pool.segment(handle))).isTrue();
    }
    Tag.write(pool.segment(handle), handle);
    live.add(handle);
  }

  private void free(MemoryPool pool, VariableMirror mirror) {
    if (!live.isEmpty()) {
      long handle = live.remove(random.nextInt(live.size()));
      Tag.check(pool.segment(handle), handle);
      pool.free(handle);
      mirror.freed(handle);
    }
  }

  private void resize(MemoryPool pool, VariableMirror mirror) {
    if (!live.isEmpty()) {
      long handle = live.get(random.nextInt(live.size()));
      long before = pool.byteSize(handle);
      long place = (before + 7) / 8 * 8 + mirror.gapAfter(handle);
      long size = random.nextInt(4) == 0 ? Math.min(place + random.nextInt(2), BYTES) : size();
      assertThat(pool.tryResize(handle, size)).as("room").isEqualTo(size <= place);
      if (size <= place) {
        mirror.resized(handle, size);
        Tag.check(pool.segment(handle).asSlice(0, Math.min(before, size)), handle);
        Tag.write(pool.segment(handle), handle);
      }
    }
  }

  private void freeAgain(MemoryPool pool, VariableMirror mirror) {
    long forged = (random.nextLong() >>> 8) | 1;
    assertThatThrownBy(() -> pool.free(forged)).isInstanceOf(InvalidFreeException.class);
    mirror.violations++;
  }

  @Test
  void anEmptyPoolsRatioIsInfinite() {
    try (MemoryPool pool = MemoryPool.builder().variable(BYTES).build()) {
      PoolStats.Variable variable = Objects.requireNonNull(pool.stats().variable());
      assertThat(variable.regionToPeakRatio()).isInfinite();
      assertThat(variable.externalFragmentationPercent()).isZero();
      assertThat(variable.internalFragmentationPercent()).isZero();
      assertThat(pool.stats().spills()).isZero();
    }
  }
}
