package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which pools are open, whoever opened them. Time budget: 2 seconds. */
@Timeout(30)
class OpenPoolsTest {
  private static MemoryPool.Builder small() {
    return MemoryPool.builder().tier(64, 1);
  }

  @Test
  void poolsAreListedInTheirOrderWhileTheyAreOpen() {
    MemoryPool first = small().build();
    MemoryPool second = small().labels().build();
    try (PoolManager manager = PoolManager.builder().pool("third", small()).build()) {
      assertThat(OpenPools.list()).containsSubsequence(first, second, manager.pool("third"));
      first.close();
      assertThat(OpenPools.list()).doesNotContain(first).contains(second);
      second.closeNow();
      assertThat(OpenPools.list()).doesNotContain(second).contains(manager.pool("third"));
    }
    assertThat(OpenPools.list()).extracting(MemoryPool::name).doesNotContain("third");
  }

  @Test
  void onePoolIsListedOnceHoweverItIsMade() {
    int before = OpenPools.list().size();
    try (MemoryPool pool = small().fallback(1 << 16).build()) {
      pool.allocate(200).close();
      assertThat(OpenPools.list()).hasSizeLessThanOrEqualTo(before + 1).contains(pool);
    }
  }

  @Test
  void aForgottenPoolIsNotHeld() {
    forget();
    Threads.until(
        "it was collected",
        () -> {
          System.gc();
          return OpenPools.list().stream().noneMatch(pool -> pool.name().equals("forgotten"));
        });
  }

  private static void forget() {
    MemoryPool pool = small().name("forgotten").build();
    assertThat(OpenPools.list()).contains(pool);
  }
}
