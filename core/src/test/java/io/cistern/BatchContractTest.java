package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Several blocks in one call: as many as there are, where they belong, and nothing elsewhere. */
@EveryKind
class BatchContractTest extends MemoryPoolContract {
  BatchContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void givesAsManyAsThereAre() {
    int there = exhaustAndFree();
    long[] handles = new long[there + 5];
    Arrays.fill(handles, -7);
    assertThat(pool.tryAllocateHandles(1, handles, 2, there + 3)).isEqualTo(there);
    assertThat(handles[0]).isEqualTo(-7);
    assertThat(handles[1]).isEqualTo(-7);
    assertThat(Arrays.stream(handles, 2, 2 + there)).allMatch(pool::isLive).doesNotHaveDuplicates();
    assertThat(Arrays.stream(handles, 2 + there, there + 5)).containsOnly(-7L);
    assertThat(pool.stats().used()).isEqualTo(there);
    pool.free(handles, 2, there);
    assertThat(Arrays.stream(handles, 2, 2 + there)).containsOnly(MemoryPool.NO_HANDLE);
    assertThat(handles[1]).isEqualTo(-7);
  }

  private int exhaustAndFree() {
    var blocks = exhaust(1);
    int there = blocks.size();
    freeAll(blocks);
    return there;
  }

  @Test
  void givesNoMoreThanAsked() {
    long[] handles = new long[3];
    assertThat(pool.tryAllocateHandles(1, handles, 1, 1)).isEqualTo(1);
    assertThat(handles[0]).isZero();
    assertThat(handles[2]).isZero();
    assertThat(pool.tryAllocateHandles(1, handles, 3, 0)).isZero();
    pool.free(handles, 0, 3);
  }

  @Test
  void whatIsRefusedKeepsItsValueAndTheRestIsFreed() {
    long past = pool.allocateHandle(1);
    pool.free(past);
    long live = pool.allocateHandle(pool.maxSize());
    long[] handles = {past, -1, live, MemoryPool.NO_HANDLE, past};
    assertThatThrownBy(() -> pool.free(handles, 0, 5))
        .isExactlyInstanceOf(InvalidFreeException.class)
        .extracting("reason")
        .isIn(Reason.DOUBLE_FREE, Reason.STALE);
    assertThat(handles).containsExactly(past, -1, MemoryPool.NO_HANDLE, MemoryPool.NO_HANDLE, past);
    assertThat(pool.isLive(live)).isFalse();
    assertThat(pool.stats().violations()).isEqualTo(3);
  }

  @Test
  void rangesOutsideTheArrayAreRefusedBeforeAnythingIsDone() {
    long[] handles = {pool.allocateHandle(1)};
    int[][] wrong = {{0, 2}, {1, 1}, {-1, 1}, {0, -1}, {2, 0}, {1, Integer.MAX_VALUE}};
    for (int[] range : wrong) {
      assertThatThrownBy(() -> pool.free(handles, range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> pool.tryAllocateHandles(1, handles, range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(pool.stats().used()).isEqualTo(1);
    pool.free(handles, 0, 1);
  }
}
