package io.cistern;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What pools charge to quotas, and what becomes of it. Time budget: 4 seconds. */
@Timeout(30)
class PoolQuotasTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private final PoolManager manager =
      PoolManager.builder()
          .pool("t", MemoryPool.builder().tier(64, 2).tier(256, 4).labels())
          .pool("v", MemoryPool.builder().variable(4096))
          .pool("f", MemoryPool.builder().tier(64, 1).fallback(1000))
          .quota("net", 600, 100, false)
          .quota("net/tcp", 500, 0, false)
          .quota("disk", 10_000, 0, false)
          .build();

  private final Quota root = manager.quota("");
  private final Quota net = manager.quota("net");
  private final Quota tcp = manager.quota("net/tcp");

  private MemoryPool pool(String name, String quota) {
    return manager.pool(name).chargedTo(manager.quota(quota));
  }

  @AfterEach
  void everyCounterIsZero() {
    if (manager.pools().stream().noneMatch(MemoryPool::isClosed)) {
      assertThat(manager.verify()).allMatch(VerifyReport::ok).hasSize(4);
      manager.close();
    }
    for (Quota quota : List.of(root, net, tcp, manager.quota("disk"))) {
      assertThat(quota.usedBytes()).as("%s", quota).isZero();
    }
    assertThat(root.verify()).isEmpty();
  }

  @Test
  void wholeBlocksOfTheTierThatServesAreCharged() {
    MemoryPool pool = pool("t", "net/tcp");
    MemoryBlock one = pool.allocate(1);
    assertThat(tcp.usedBytes()).isEqualTo(64);
    MemoryBlock two = pool.allocate(64);
    MemoryBlock spilled = pool.allocate(64);
    assertThat(tcp.usedBytes()).isEqualTo(64 + 64 + 256);
    assertThat(net.usedBytes()).isEqualTo(384);
    assertThat(root.usedBytes()).isEqualTo(384);
    one.close();
    spilled.close();
    two.close();
  }

  @Test
  void aRefusalTellsPathAndFigures() {
    MemoryPool pool = pool("t", "net/tcp");
    try (MemoryBlock block = pool.allocate(200)) {
      assertThat(block.byteSize()).isEqualTo(200);
      assertThat(pool.tryAllocate(200)).isNull();
      assertThatThrownBy(() -> pool.allocate(200))
          .isInstanceOfSatisfying(
              QuotaExceededException.class,
              refused -> {
                assertThat(refused.path()).isEqualTo("net/tcp");
                assertThat(refused.requestedBytes()).as("a whole block").isEqualTo(256);
                assertThat(refused.usedBytes()).isEqualTo(256);
                assertThat(refused.limitBytes()).isEqualTo(500);
              })
          .hasMessage(
              "quota 'net/tcp' of 500 B: 256 B asked for, 256 B used, 244 B left (pool 't')");
      assertThat(manager.pool("t").stats().failed()).isEqualTo(2);
    }
  }

  @Test
  void theQuotaThatRefusesIsNamedNotTheOneThatAsks() {
    MemoryPool direct = pool("t", "net");
    try (MemoryBlock block = direct.allocate(256)) {
      assertThat(block.isLive()).isTrue();
      MemoryPool below = pool("t", "net/tcp");
      try (MemoryBlock more = below.allocate(256)) {
        assertThat(more.isLive()).isTrue();
        assertThatThrownBy(() -> direct.allocate(65))
            .hasMessage("quota 'net' of 600 B: 256 B asked for, 512 B used, 88 B left (pool 't')");
        assertThatThrownBy(() -> below.allocate(65)) // 244 B are left in net/tcp itself
            .hasMessageStartingWith("quota 'net/tcp' of 500 B: 256 B asked for");
      }
    }
  }

  @Test
  void aQuotaThatForbidsTheSpillIsNamedToo() {
    manager.setQuotaLimit("net/tcp", 300);
    MemoryPool pool = pool("t", "net/tcp");
    List<MemoryBlock> both = List.of(pool.allocate(64), pool.allocate(64));
    assertThatThrownBy(() -> pool.allocate(64))
        .isInstanceOf(QuotaExceededException.class)
        .hasMessage("quota 'net/tcp' of 300 B: 256 B asked for, 128 B used, 172 B left (pool 't')");
    both.forEach(MemoryBlock::close);
  }

  @Test
  void fallbackMemoryServesWhereTheQuotaForbidsALargerBlock() {
    try (PoolManager own =
        PoolManager.builder()
            .pool("p", MemoryPool.builder().tier(64, 1).tier(1024, 1).fallback(64))
            .quota("q", 200, 0, false)
            .build()) {
      MemoryPool pool = own.pool("p").chargedTo(own.quota("q"));
      try (MemoryBlock block = pool.allocate(64);
          MemoryBlock outside = pool.allocate(64)) {
        assertThat(requireNonNull(own.pool("p").stats().fallback()).liveBytes()).isEqualTo(64);
        assertThat(own.quota("q").usedBytes()).isEqualTo(128);
        assertThat(block.isLive() && outside.isLive()).isTrue();
      }
    }
  }

  @Test
  void aRegionMoreServesWhereTheQuotaForbidsALargerBlock() {
    try (PoolManager own =
        PoolManager.builder()
            .pool("p", MemoryPool.builder().tier(64, 1).tier(1024, 1).regions(1, 2, Duration.ZERO))
            .quota("q", 200, 0, false)
            .build()) {
      MemoryPool pool = own.pool("p").chargedTo(own.quota("q"));
      try (MemoryBlock block = pool.allocate(64);
          MemoryBlock grown = pool.allocate(64)) {
        assertThat(own.quota("q").usedBytes()).isEqualTo(128);
        assertThat(block.isLive() && grown.isLive()).isTrue();
      }
    }
  }

  @Test
  void aGuaranteeIsNotTouchedByOthers() {
    manager.setQuotaLimit("", 1000);
    MemoryPool disk = pool("v", "disk");
    MemoryBlock all = disk.allocate(896);
    assertThatThrownBy(() -> disk.allocate(1))
        .hasMessage(
            "quota '' of 1000 B: 8 B asked for, 896 B used, 100 B kept for guarantees, 4 B left (pool 'v')");
    assertThat(disk.tryAllocate(8)).isNull();
    try (MemoryBlock kept = pool("v", "net").allocate(92)) {
      assertThat(kept.byteSize()).isEqualTo(92);
    }
    all.close();
  }

  @Test
  void aResizeInPlaceIsChargedAndRefunded() {
    MemoryPool pool = pool("v", "net/tcp");
    MemoryBlock block = pool.allocate(100);
    assertThat(tcp.usedBytes()).isEqualTo(104);
    assertThat(block.tryResize(500)).as("504 B do not fit the quota").isFalse();
    assertThat(block.byteSize()).isEqualTo(100);
    assertThat(tcp.usedBytes()).isEqualTo(104);
    assertThat(block.tryResize(496)).isTrue();
    assertThat(tcp.usedBytes()).isEqualTo(496);
    assertThat(block.tryResize(1)).isTrue();
    assertThat(tcp.usedBytes()).isEqualTo(8);
    MemoryBlock all = pool("v", "disk").allocate(4096 - 8);
    assertThat(block.tryResize(200)).as("there is no room").isFalse();
    assertThat(tcp.usedBytes()).isEqualTo(8);
    all.close();
    block.close();
    assertThatThrownBy(() -> block.tryResize(8)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void fallbackMemoryIsChargedToTheByte() {
    MemoryPool pool = pool("f", "net/tcp");
    MemoryBlock inside = pool.allocate(1);
    MemoryBlock outside = pool.allocate(101);
    assertThat(tcp.usedBytes()).isEqualTo(64 + 101);
    assertThatThrownBy(() -> pool.allocate(336))
        .hasMessage("quota 'net/tcp' of 500 B: 336 B asked for, 165 B used, 335 B left (pool 'f')");
    MemoryBlock last = pool.allocate(335);
    assertThat(tcp.usedBytes()).isEqualTo(500);
    List.of(inside, outside, last).forEach(MemoryBlock::close);
  }

  @Test
  void limitsChangeButNotBelowWhatIsUsed() {
    MemoryPool pool = pool("v", "net/tcp");
    MemoryBlock block = pool.allocate(200);
    assertThatThrownBy(() -> manager.setQuotaLimit("net/tcp", 199))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "quota 'net/tcp': a limit of 199 B is less than the 200 B used and 0 B kept for guarantees");
    assertThatThrownBy(() -> manager.setQuotaLimit("net", 99))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("quota 'net': a limit of 99 B is less than the guarantee of 100 B");
    manager.setQuotaLimit("net/tcp", 200);
    assertThat(pool.tryAllocate(1)).isNull();
    manager.setQuotaLimit("net/tcp", 208);
    pool.allocate(1).close();
    block.close();
    assertThatThrownBy(() -> manager.setQuotaLimit("none", 1)).hasMessageContaining("'none'");
  }

  @Test
  void whoWaitsForAQuotaIsServedByAFreeInAnotherPool() throws Exception {
    MemoryBlock held = pool("t", "net/tcp").allocate(256);
    MemoryPool pool = pool("v", "net/tcp");
    FutureTask<MemoryBlock> waiter =
        Threads.start(Thread.ofVirtual(), () -> pool.allocate(300, LONG));
    Threads.untilWaiting(manager.pool("v"), 1);
    held.close();
    Threads.get(waiter).close();
    assertThat(manager.pool("v").stats().failed()).isZero();
  }

  @Test
  void whoWaitsForAQuotaIsServedWhenItsLimitRises() throws Exception {
    MemoryPool pool = pool("v", "net/tcp");
    MemoryBlock held = pool.allocate(496);
    FutureTask<MemoryBlock> waiter =
        Threads.start(Thread.ofVirtual(), () -> pool.allocate(8, LONG));
    Threads.untilWaiting(manager.pool("v"), 1);
    manager.setQuotaLimit("net/tcp", 504);
    Threads.get(waiter).close();
    held.close();
  }

  @Test
  void closingAPoolUnderItsOwnersServesThoseWhoWaitForTheirQuota() throws Exception {
    for (String closed : List.of("t", "f")) {
      PoolManager own =
          PoolManager.builder()
              .pool("t", MemoryPool.builder().tier(256, 1))
              .pool("f", MemoryPool.builder().tier(8, 1).fallback(256))
              .pool("v", MemoryPool.builder().variable(4096))
              .quota("q", 256, 0, false)
              .build();
      MemoryBlock held = own.pool(closed).chargedTo(own.quota("q")).allocate(256);
      MemoryPool view = own.pool("v").chargedTo(own.quota("q"));
      FutureTask<MemoryBlock> waiter =
          Threads.start(Thread.ofPlatform(), () -> view.allocate(8, LONG));
      Threads.untilWaiting(own.pool("v"), 1);
      own.pool(closed).closeNow();
      assertThat(held.isLive()).isFalse();
      Threads.get(waiter).close();
      assertThat(own.quota("q").usedBytes()).isZero();
      own.closeNow();
    }
  }

  /**
   * Requests that find no block take back what they charged: nobody may be left waiting by that.
   */
  @Test
  void whoWaitsIsNotForgottenBecauseAnotherPoolChargedForAMoment() throws Exception {
    try (PoolManager own =
        PoolManager.builder()
            .pool("full", MemoryPool.builder().tier(64, 1))
            .pool("v", MemoryPool.builder().variable(4096))
            .quota("q", 64 + 8 + 63, 0, false)
            .build()) {
      Quota quota = own.quota("q");
      MemoryPool full = own.pool("full").chargedTo(quota);
      MemoryPool view = own.pool("v").chargedTo(quota);
      MemoryBlock only = full.allocate(64);
      FutureTask<Integer> hammer = hammer(full);
      for (int i = 0; i < 100; i++) {
        MemoryBlock held = allocateSurely(view);
        FutureTask<MemoryBlock> waiter =
            Threads.start(Thread.ofVirtual(), () -> view.allocate(64, LONG));
        Threads.until("waits", () -> own.pool("v").stats().waiting() == 1 || waiter.isDone());
        held.close();
        Threads.get(waiter).close();
      }
      only.close();
      assertThat(Threads.get(hammer)).isPositive();
    }
  }

  private static MemoryBlock allocateSurely(MemoryPool view) throws InterruptedException {
    return view.allocate(8, LONG);
  }

  /** Allocates in vain until it is not in vain. */
  private static FutureTask<Integer> hammer(MemoryPool full) {
    return Threads.start(
        Thread.ofPlatform(),
        () -> {
          int refused = 0;
          while (true) {
            try (MemoryBlock block = full.tryAllocate(64)) {
              if (block != null) {
                return refused;
              }
            }
            refused++;
          }
        });
  }

  @Test
  void closeNowGivesBackWhatIsLive() {
    List<MemoryBlock> live = new ArrayList<>();
    live.add(pool("t", "net").allocate(1));
    live.add(pool("v", "net/tcp").allocate(333));
    live.add(pool("f", "disk").allocate(64));
    live.add(pool("f", "disk").allocate(999));
    assertThat(root.usedBytes()).isEqualTo(64 + 336 + 64 + 999);
    manager.closeNow();
    assertThat(live).noneMatch(MemoryBlock::isLive);
    live.forEach(MemoryBlock::close);
    assertThat(root.usedBytes()).isZero();
    assertThat(root.peakBytes()).isEqualTo(64 + 336 + 64 + 999);
  }

  @Test
  void aResizeAfterCloseNowChargesNothing() {
    MemoryBlock block = pool("v", "disk").allocate(64);
    manager.closeNow();
    assertThatThrownBy(() -> block.tryResize(128))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool 'v' is closed");
  }

  @Test
  void aQuotaOfAnotherManagerIsRefused() {
    try (PoolManager other =
        PoolManager.builder()
            .pool("x", MemoryPool.builder().tier(8, 1))
            .quota("q", 8, 0, false)
            .build()) {
      assertThatThrownBy(() -> manager.pool("t").chargedTo(other.quota("q")))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("quota 'q' is not of the manager of pool 't'");
    }
  }
}
