package io.cistern.benchmarks.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the benchmarks do to allocators, and that a pool that is not sound gives no figure. Time
 * budget: 5 s.
 */
class WorkersTest {
  @ParameterizedTest
  @EnumSource(
      value = Subject.class,
      names = {"CISTERN_SHARED", "CISTERN_CONFINED", "CISTERN_BLOCK"})
  void closingAPoolWithALiveBlockFails(Subject subject) {
    Allocator allocator = subject.open();
    Worker worker = allocator.worker(1);
    worker.allocate(0, 100);
    assertThatIllegalStateException()
        .isThrownBy(() -> {
          worker.close();
          allocator.close();
        })
        .withMessageContaining("live");
    worker.free(0);
    worker.close();
    allocator.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Subject.class,
      names = {"CISTERN_SHARED", "CISTERN_CONFINED_BULK", "CISTERN_SHARED_BULK", "KAFKA"})
  void aBatchFreesWhatItAllocates(Subject subject) {
    try (Allocator allocator = subject.open();
        Worker worker = allocator.worker(64)) {
      worker.batch(1024, IntStream.range(0, 64).map(slot -> 63 - slot).toArray());
      worker.batch(1024, IntStream.range(0, 64).toArray());
    }
  }

  @Test
  void everySizeHasItsTier() {
    int[] tiers = Sizes.tiers();
    for (int size = 1; size <= tiers[tiers.length - 1]; size++) {
      int tier = Sizes.tierOf(size);
      assertThat(size).isLessThanOrEqualTo(tiers[tier]);
      assertThat(tier == 0 || size > tiers[tier - 1]).as("size %d", size).isTrue();
    }
  }

  @Test
  void fastThreadsAreNettysOwn() throws InterruptedException, ExecutionException {
    try (FastThreads threads = new FastThreads(1, "bench")) {
      assertThat(threads.submit(Thread::currentThread).get())
          .isInstanceOf(FastThreadLocalThread.class);
    }
  }
}
