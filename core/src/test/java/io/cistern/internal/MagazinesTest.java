package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** How many magazines there are, and whose they become. */
class MagazinesTest {
  private static final long FIRST = 1L << 56;

  private static final int LIMIT = 4 * Runtime.getRuntime().availableProcessors();

  private final BlockPool blocks =
      new BlockPool(1000, FIRST, 1, () -> {}, () -> {}, Magazines.table(1), 0);

  private int magazines() {
    return ((Magazines) Peek.get(blocks, "magazines")).all().length;
  }

  private void pairs() {
    for (int i = 0; i < 100; i++) {
      long claim = blocks.claim(1, 1);
      int index =
          (int) ((claim == Blocks.NONE ? blocks.claimSlow(1, 1) : claim) >>> 32 & 0xFF_FFFF);
      assertThat(blocks.release(index, blocks.word(index))).isTrue();
    }
  }

  @Test
  void threadsThatComeAndGoShareAFew() throws Exception {
    for (int i = 0; i < 10 * LIMIT; i++) {
      Thread thread = Thread.ofPlatform().start(this::pairs);
      thread.join();
    }
    assertThat(magazines()).isLessThanOrEqualTo(LIMIT);
    assertInOrder();
  }

  @Test
  void threadsThatLiveAtOnceAreAllServedByAsMany() throws Exception {
    List<Thread> threads = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(10 * LIMIT);
    CountDownLatch end = new CountDownLatch(1);
    for (int i = 0; i < 10 * LIMIT; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                pairs();
                done.countDown();
                awaitQuietly(end);
              }));
    }
    done.await();
    assertThat(magazines()).isLessThanOrEqualTo(LIMIT);
    end.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertInOrder();
  }

  @Test
  void virtualThreadsOwnNone() throws Exception {
    int before = magazines();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      threads.add(Thread.ofVirtual().start(this::pairs));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(magazines()).isEqualTo(before);
    assertInOrder();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void assertInOrder() {
    List<String> findings = new ArrayList<>();
    assertThat(blocks.verify(findings)).isTrue();
    assertThat(findings).isEmpty();
    assertThat(blocks.used()).isZero();
    assertThat(blocks.counts().allocations()).isEqualTo(blocks.counts().frees());
  }
}
