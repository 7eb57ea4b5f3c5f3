package io.cistern.dashboard;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.Pin;
import io.cistern.PoolManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Pools of every kind, with blocks held, pinned and quarantined, and somebody who uses them. */
final class Rig implements AutoCloseable {
  final PoolManager manager;
  private final List<MemoryBlock> held = new ArrayList<>();
  private final List<Pin> pins = new ArrayList<>();
  private volatile boolean stop;
  private final List<Thread> users = new ArrayList<>();

  Rig(int frames) {
    manager =
        PoolManager.builder()
            .budgetBytes(256 << 20)
            .pool(
                "frames",
                MemoryPool.builder()
                    .tier(256, frames, "messages and commands")
                    .tier(1024, Math.max(1, frames / 2), "patterns")
                    .tier(4096, Math.max(1, frames / 8), "images")
                    .labels())
            .pool("any", MemoryPool.builder().variable(1 << 20))
            .pool(
                "checked",
                MemoryPool.builder()
                    .tier(512, 128)
                    .checks(CheckSettings.of(CheckLevel.CHECKED).withQuarantine(12)))
            .build();
  }

  /** Holds some blocks of each pool, pins a few, and frees some that are quarantined. */
  Rig hold() {
    MemoryPool frames = manager.pool("frames");
    MemoryPool cached = frames.labelled("cache");
    for (int i = 0; i < 40; i++) {
      held.add(frames.labelled("session").allocate(200));
      held.add(cached.allocate(900));
      held.add(manager.pool("any").allocate(1000 + 700L * i));
      LockSupport.parkNanos(5_000_000); // so that they fall into the samples of several ticks
    }
    pins.add(held.getFirst().pin());
    MemoryPool checked = manager.pool("checked");
    for (int i = 0; i < 20; i++) {
      MemoryBlock block = checked.allocate(300);
      if (i % 2 == 0) {
        block.close();
      } else {
        held.add(block);
      }
    }
    return this;
  }

  /** Allocates and frees until closed. */
  Rig use(int threads) {
    for (int i = 0; i < threads; i++) {
      int seed = i;
      users.add(Thread.ofPlatform().daemon().start(() -> churn(new Random(seed))));
    }
    return this;
  }

  private void churn(Random random) {
    MemoryPool[] pools = {
      manager.pool("frames").labelled("echo"), manager.pool("any"), manager.pool("checked")
    };
    MemoryBlock[] live = new MemoryBlock[160];
    long round = 0;
    while (!stop) {
      int at = random.nextInt(30 + (int) (130 * (0.5 + 0.5 * Math.sin(round / 4000.0))));
      if (live[at] == null) {
        MemoryPool pool = pools[random.nextInt(8) / 3];
        live[at] = pool.tryAllocate(1 + random.nextInt(pool == pools[2] ? 500 : 4000));
      } else {
        live[at].close();
        live[at] = null;
      }
      if (++round % 20 == 0) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    for (MemoryBlock block : live) {
      if (block != null) {
        block.close();
      }
    }
  }

  /** Nobody allocates or frees any more. */
  void quiet() {
    stop = true;
    for (Thread user : users) {
      try {
        user.join(10_000);
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
    }
  }

  @Override
  public void close() {
    quiet();
    pins.forEach(Pin::close);
    held.forEach(MemoryBlock::close);
    manager.close();
  }
}
