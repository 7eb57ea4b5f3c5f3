package io.cistern.concurrency.stress;

import static io.cistern.MemoryPool.NO_HANDLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryPool;
import io.cistern.Zeroing;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs that free what is not theirs any more: four threads read the same handles from a table
 * and all free them, most of them late, while blocks are handed out again by whoever came first.
 * Each allocation is freed once, and a block that was just handed out keeps its contents however
 * many stale handles of it are freed meanwhile.
 *
 * <p>Seen to fail when a release is no compare-and-set.
 *
 * <p>Budget: 5 s.
 */
class HandleAbuseTest {
  private static final int THREADS = 4;
  private static final int OPERATIONS = Stress.times(100_000);
  private static final int SLOTS = 6;
  private static final int SIZE = 256;

  private final AtomicLongArray table = new AtomicLongArray(SLOTS);
  private final AtomicLong allocated = new AtomicLong();
  private final AtomicLong freed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(HandleAbuseTest.class);
  }

  @ParameterizedTest(name = "{0} blocks, zeroing {1}")
  @CsvSource({"8, OFF", "8, ON_FREE", "72, OFF", "72, ON_FREE"})
  void everyAllocationIsFreedOnce(int blocks, Zeroing zeroing) throws Exception {
    MemoryPool.Builder builder = MemoryPool.builder().tier(SIZE, blocks).zeroing(zeroing);
    try (StressedPool pool = new StressedPool(builder)) {
      for (int slot = 0; slot < SLOTS; slot++) {
        replace(pool, slot);
      }
      Stress.together(THREADS, thread -> abuse(pool, Stress.random(thread)));
      for (int slot = 0; slot < SLOTS; slot++) {
        free(pool, table.get(slot));
      }
      assertThat(freed).hasValue(allocated.get());
      assertThat(refused).as("frees that came late").hasPositiveValue();
      assertThat(pool.pool.stats().violations()).isEqualTo(refused.get());
      assertThat(pool.pool.stats().used()).isZero();
      assertThat(pool.pool.verify().orThrow().quiescent()).isTrue();
    }
  }

  private void abuse(StressedPool pool, SplittableRandom random) {
    for (int i = 0; i < OPERATIONS; i++) {
      int slot = random.nextInt(SLOTS);
      if (free(pool, table.get(slot))) {
        replace(pool, slot);
      }
    }
  }

  /**
   * Fills a slot whose handle the caller has freed: one thread at a time, as frees succeed once.
   */
  private void replace(StressedPool pool, int slot) {
    long handle = pool.tryAllocate(SIZE);
    assertThat(handle).as("a block, of which at most %d are owned", SLOTS).isNotEqualTo(NO_HANDLE);
    allocated.incrementAndGet();
    pool.check(handle); // nobody else can know this handle yet
    table.set(slot, handle);
  }

  /** True when it was the caller who freed it. */
  private boolean free(StressedPool pool, long handle) {
    try {
      pool.pool.free(handle);
      freed.incrementAndGet();
      return true;
    } catch (InvalidFreeException late) {
      refused.incrementAndGet();
      return false;
    }
  }
}
