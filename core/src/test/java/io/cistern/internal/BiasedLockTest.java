package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who has the bias, when it is taken away and when it comes back; that only one is inside whatever
 * becomes of it; and what a look accepts. The races are in verification/concurrency. Time budget: 2
 * seconds.
 */
@Timeout(30)
class BiasedLockTest {
  private final BiasedLock lock = new BiasedLock(null);
  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private int counter;

  @AfterEach
  void end() {
    other.close();
  }

  private static @Nullable Object biased(BiasedLock lock) {
    return Peek.get(Peek.get(lock, "turn"), "thread");
  }

  /** Enters and leaves; whether that was by plain stores. */
  private static boolean passes(BiasedLock lock) {
    boolean plain = lock.lock();
    lock.unlock(plain);
    return plain;
  }

  private boolean passesElsewhere(BiasedLock lock) throws Exception {
    return other.submit(() -> passes(lock)).get(10, TimeUnit.SECONDS);
  }

  private void endBackoff() {
    ((Backoff) Peek.get(lock, "backoff")).end();
  }

  private void prolongBackoff() {
    int later = (CoarseClock.ticks() + 100_000) & Integer.MAX_VALUE;
    Peek.set(Peek.get(lock, "backoff"), "endTick", later);
  }

  @Test
  void theFirstThatComesIsGivenTheBias() {
    assertThat(passes(lock)).as("the first time").isFalse();
    assertThat(passes(lock)).as("from then on").isTrue();
    assertThat(biased(lock)).isEqualTo(Thread.currentThread());
  }

  @Test
  void anotherThreadTakesItAwayForAWhile() throws Exception {
    passes(lock);
    assertThat(passesElsewhere(lock)).isFalse();
    assertThat(biased(lock)).isNull();
    prolongBackoff();
    assertThat(passes(lock)).isFalse();
    assertThat(passes(lock)).as("too early").isFalse();
    assertThat(passesElsewhere(lock)).isFalse();
    endBackoff();
    assertThat(passesElsewhere(lock)).isFalse();
    assertThat(passesElsewhere(lock)).as("whoever comes next").isTrue();
    assertThat(passes(lock)).isFalse();
  }

  @Test
  void eachTimeItIsTakenAwayThePauseDoubles() {
    Backoff backoff = new Backoff(1000);
    int second = (int) (1000 / CoarseClock.TICK_MILLIS);
    int now = Integer.MAX_VALUE - second / 2; // so that the first pause ends beyond the wrap
    assertThat(backoff.isOver(now)).isTrue();
    for (int seconds = 1; seconds <= 1024; seconds *= 2) {
      backoff.begin(now);
      assertThat(backoff.isOver((now + seconds * second - 1) & Integer.MAX_VALUE)).isFalse();
      now = (now + seconds * second) & Integer.MAX_VALUE;
      assertThat(backoff.isOver(now)).as("after %d s", seconds).isTrue();
    }
    backoff.begin(now);
    assertThat(backoff.isOver((now + 1024 * second) & Integer.MAX_VALUE))
        .as("17 minutes are the longest")
        .isTrue();
  }

  @Test
  void aVirtualThreadIsNotGivenTheBias() throws Exception {
    Thread.ofVirtual().start(() -> passes(lock)).join();
    assertThat(biased(lock)).isNull();
    passes(lock);
    assertThat(biased(lock)).isEqualTo(Thread.currentThread());
  }

  @Test
  void aDeadThreadsBiasIsTakenAway() throws Exception {
    Thread.ofPlatform().start(() -> passes(lock)).join();
    assertThat(biased(lock)).isNotNull();
    assertThat(passes(lock)).isFalse();
    assertThat(biased(lock)).isNull();
  }

  @Test
  void whoeverTakesItAwayWaitsUntilTheBiasedThreadIsOutside() throws Exception {
    passes(lock);
    boolean plain = lock.lock();
    assertThat(plain).isTrue();
    Future<Boolean> passes = other.submit(() -> passes(lock));
    assertThatThrownBy(() -> passes.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    lock.unlock(plain);
    assertThat(passes.get(10, TimeUnit.SECONDS)).isFalse();
  }

  /**
   * A thread that was stopped before it set its mark sets it, and takes it back, in its own turn.
   */
  @Test
  void theMarkOfATurnThatIsOverIsNotTheNextOnes() throws Exception {
    passes(lock);
    Object mine = Peek.get(lock, "turn");
    passesElsewhere(lock);
    endBackoff();
    passesElsewhere(lock);
    Object theirs = Peek.get(lock, "turn");
    assertThat(theirs).isNotSameAs(mine);
    Future<Boolean> inside = other.submit(lock::lock);
    assertThat(inside.get(10, TimeUnit.SECONDS)).isTrue();
    Peek.set(mine, "busy", 1);
    Peek.set(mine, "busy", 0);
    Thread third = Thread.ofPlatform().start(() -> passes(lock));
    third.join(50);
    assertThat(third.isAlive()).as("it waits for the one that is inside").isTrue();
    other.submit(() -> lock.unlock(true)).get(10, TimeUnit.SECONDS);
    third.join();
  }

  @Test
  void noCountIsLostWhileTheBiasComesAndGoes() throws Exception {
    int times = 20_000;
    Thread[] threads = new Thread[3];
    for (int t = 0; t < threads.length; t++) {
      threads[t] = Thread.ofPlatform().start(() -> count(times));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(counter).isEqualTo(threads.length * times);
  }

  private void count(int times) {
    for (int i = 0; i < times; i++) {
      boolean plain = lock.lock();
      counter++;
      if (i % 100 == 0) {
        endBackoff();
      }
      lock.unlock(plain);
    }
  }

  @Test
  void aLookIsOfOneMomentUnlessSomebodyWasInside() {
    long before = lock.beginLook();
    assertThat(lock.isUnchanged(before)).isTrue();
    boolean plain = lock.lock();
    long inside = lock.beginLook();
    assertThat(lock.isUnchanged(before)).as("somebody came in").isFalse();
    assertThat(lock.isUnchanged(inside)).as("somebody is inside").isFalse();
    lock.unlock(plain);
    assertThat(lock.isUnchanged(before)).as("somebody was inside").isFalse();
    assertThat(lock.isUnchanged(inside)).isFalse();
    assertThat(lock.isUnchanged(lock.beginLook())).isTrue();
  }

  @Test
  void aLockThatBelongsToOneThreadSaysSoToOthers() throws Exception {
    Thread owner = Thread.currentThread();
    BiasedLock owned = new BiasedLock(owner);
    assertThat(passes(owned)).as("from the first time on").isTrue();
    other
        .submit(() -> {
          String message =
              "the pool is confined to thread '%s', not '%s'"
                  .formatted(owner.getName(), Thread.currentThread().getName());
          assertThatThrownBy(owned::lock)
              .isExactlyInstanceOf(WrongThreadException.class)
              .hasMessage(message);
          assertThatThrownBy(owned::checkThread).hasMessage(message);
          assertThatThrownBy(owned::checkMayClose).hasMessage(message);
          boolean plain = owned.lockForAny();
          owned.unlock(plain);
          return plain;
        })
        .get(10, TimeUnit.SECONDS);
    assertThat(passes(owned)).isFalse();
    assertThat(passes(owned)).as("its owner has it back at once").isTrue();
    assertThatCode(owned::checkMayClose).doesNotThrowAnyException();
  }

  @Test
  void onceItsThreadIsDeadAnybodyMayClose() throws Exception {
    BiasedLock[] made = new BiasedLock[1];
    Thread.ofPlatform().start(() -> made[0] = new BiasedLock(Thread.currentThread())).join();
    assertThatThrownBy(made[0]::lock).isInstanceOf(WrongThreadException.class);
    assertThatCode(made[0]::checkMayClose).doesNotThrowAnyException();
    made[0].unlock(made[0].lockForAny());
  }
}
