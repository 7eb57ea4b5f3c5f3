package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

  /** In a JVM of its own, since a pool that nobody closes keeps the clock running. */
  static final class Child {
    private Child() {}

    /** Ends when the pool was collected. */
    public static void main(String... args) {
      forget();
      while (!OpenPools.list().isEmpty()) {
        System.gc();
      }
      System.out.println("collected");
    }

    private static void forget() {
      MemoryPool.builder().tier(64, 4).build();
      if (OpenPools.list().size() != 1) {
        throw new IllegalStateException("open pools: " + OpenPools.list().size());
      }
    }
  }

  @Test
  void aForgottenPoolIsNotHeld() throws Exception {
    List<String> command = new ArrayList<>(RecordingKilledTest.java());
    command.add(Child.class.getName());
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualToIgnoringNewLines("collected");
    } finally {
      child.destroyForcibly();
    }
  }
}
