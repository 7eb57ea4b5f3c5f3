package io.cistern.concurrency.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.Quota;
import io.cistern.concurrency.quota.Quotas;
import io.cistern.internal.Allowance;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two threads try for the last byte, ten million times in all: it is never granted to both, and in
 * the end nothing is taken.
 *
 * <p>Seen to fail when a take is no compare-and-set.
 *
 * <p>Budget: 10 s.
 */
class LastByteTest {
  private static final int THREADS = 2;
  private static final int TRIES_EACH = Stress.times(10_000_000) / THREADS;

  /** How many threads hold the last byte; counted within the time that they do. */
  private final AtomicInteger holders = new AtomicInteger();

  private final AtomicInteger most = new AtomicInteger();
  private final AtomicLong granted = new AtomicLong();

  /** Something that has one byte left. */
  private interface LastByte {
    boolean tryTake();

    void giveBack();
  }

  @BeforeAll
  static void printSeed() {
    Stress.printSeed(LastByteTest.class);
  }

  private void tryAll(LastByte last) {
    int mine = 0;
    for (int i = 0; i < TRIES_EACH; i++) {
      if (last.tryTake()) {
        mine++;
        int now = holders.incrementAndGet();
        if (now > most.get()) {
          most.accumulateAndGet(now, Math::max);
        }
        holders.decrementAndGet();
        last.giveBack();
      }
    }
    granted.addAndGet(mine);
  }

  private static LastByte of(Quota quota) {
    return new LastByte() {
      @Override
      public boolean tryTake() {
        return Quotas.charge(quota, 1);
      }

      @Override
      public void giveBack() {
        Quotas.uncharge(quota, 1);
      }
    };
  }

  private static LastByte of(Allowance allowance) {
    return new LastByte() {
      @Override
      public boolean tryTake() {
        return allowance.tryTake(1);
      }

      @Override
      public void giveBack() {
        allowance.giveBack(1);
      }
    };
  }

  private void race(LastByte... ofThread) throws Exception {
    Stress.together(THREADS, thread -> tryAll(ofThread[thread]));
    assertThat(most).as("threads that held the last byte at once").hasValue(1);
    System.out.printf("granted %d of %d tries%n", granted.get(), (long) THREADS * TRIES_EACH);
  }

  @Test
  void ofAnAllowance() throws Exception {
    Allowance allowance = new Allowance(100);
    assertThat(allowance.tryTake(99)).isTrue();
    race(of(allowance), of(allowance));
    assertThat(allowance).hasToString("99 of 100 taken, peak 100");
  }

  @Test
  void ofOneQuota() throws Exception {
    Quota root = Quotas.root(1000);
    Quota kept = Quotas.child(root, "kept", 100, 50);
    assertThat(Quotas.charge(kept, 99)).isTrue();
    race(of(kept), of(kept));
    assertEndedWith(root, kept);
  }

  @Test
  void ofTheParentOfTwoQuotas() throws Exception {
    Quota root = Quotas.root(100);
    Quota kept = Quotas.child(root, "kept", 100, 50);
    Quota other = Quotas.child(root, "other", Long.MAX_VALUE, 0);
    assertThat(Quotas.charge(kept, 50)).isTrue();
    assertThat(Quotas.charge(other, 49)).isTrue();
    race(of(kept), of(other));
    assertEndedWith(root, root);
    assertThat(root.failed()).isEqualTo((long) THREADS * TRIES_EACH - granted.get());
    Quotas.uncharge(kept, 50);
    Quotas.uncharge(other, 49);
    assertThat(root.usedBytes() + kept.usedBytes() + other.usedBytes()).isZero();
    assertThat(Quotas.committed(root)).as("kept for the guarantee").isEqualTo(50);
  }

  private static void assertEndedWith(Quota root, Quota limiting) {
    assertThat(limiting.usedBytes()).isEqualTo(99);
    assertThat(limiting.peakBytes()).isEqualTo(100);
    assertThat(Quotas.findings(root)).isZero();
  }
}
