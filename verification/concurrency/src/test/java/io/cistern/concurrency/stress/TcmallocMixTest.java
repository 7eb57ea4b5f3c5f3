package io.cistern.concurrency.stress;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * tcmalloc's {@code tcmalloc_large_test}-style mix: each operation is with 45 % an allocation, with
 * 45 % a free, with 2 % a rewrite of a live block, and with 8 % the hand-off of a block to another
 * thread, which owns it from then on.
 *
 * <p>Budget: 8 s.
 */
class TcmallocMixTest {
  private static final int THREADS = 8;
  private static final int OPERATIONS = Stress.times(600_000);
  private static final int MOST_OWNED = 400;

  private final List<ConcurrentLinkedQueue<Long>> inboxes =
      Stream.generate(ConcurrentLinkedQueue<Long>::new).limit(THREADS).toList();

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(TcmallocMixTest.class);
  }

  @Test
  void mixOfAllocateFreeRewriteAndHandOff() throws Exception {
    try (StressedPool pool = StressedPool.mixed()) {
      Stress.together(THREADS, thread -> mix(pool, thread, Stress.random(thread)));
      inboxes.forEach(inbox -> inbox.forEach(pool::free));
      pool.assertWhole();
    }
  }

  private void mix(StressedPool pool, int thread, SplittableRandom random) {
    HandleBag owned = new HandleBag();
    for (int i = 0; i < OPERATIONS; i++) {
      int percent = random.nextInt(100);
      if (percent < 45) {
        allocate(pool, owned, random);
      } else if (percent < 90) {
        pool.free(owned.removeAny(random));
      } else if (percent < 92) {
        rewrite(pool, owned.peekAny(random));
      } else {
        handOff(owned.removeAny(random), random.nextInt(THREADS));
        receive(thread, owned);
      }
    }
    owned.drain(pool::free);
  }

  private static void allocate(StressedPool pool, HandleBag owned, SplittableRandom random) {
    if (owned.size() < MOST_OWNED) {
      owned.add(pool.tryAllocate(1 + random.nextInt(StressedPool.MAX_SIZE)));
    }
  }

  private static void rewrite(StressedPool pool, long handle) {
    if (handle != 0) {
      pool.check(handle);
      pool.write(handle);
    }
  }

  private void handOff(long handle, int receiver) {
    if (handle != 0) {
      inboxes.get(receiver).add(handle);
    }
  }

  private void receive(int thread, HandleBag owned) {
    Long handle = inboxes.get(thread).poll();
    if (handle != null) {
      owned.add(handle);
    }
  }
}
