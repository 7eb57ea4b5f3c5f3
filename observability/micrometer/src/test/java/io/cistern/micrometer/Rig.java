package io.cistern.micrometer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.Pin;
import io.cistern.PoolExhaustedException;
import io.cistern.PoolManager;
import io.cistern.Reclaimer;
import io.cistern.Spill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A manager that has one of everything, and to whose pools one of everything has happened. */
final class Rig implements AutoCloseable {
  final PoolManager manager =
      PoolManager.builder()
          .budgetBytes(1 << 20)
          .fallbackBytes(2048)
          .quota("network", 65_536, 4096, false)
          .quota("network/tcp", 512, 0, false)
          .pool(
              "main",
              MemoryPool.builder()
                  .tier(256, 4)
                  .tier(1024, 2)
                  .spill(Spill.NEXT)
                  .labels()
                  .sharedFallback()
                  .checks(CheckLevel.CHECKED))
          .pool("tight", MemoryPool.builder().tier(64, 1))
          .pool("grown", MemoryPool.builder().tier(128, 2).regions(1, 3, Duration.ofHours(1)))
          .pool("any", MemoryPool.builder().variable(4096))
          .build();

  private final List<MemoryBlock> live = new ArrayList<>();
  private final Reclaimer.Registration reclaimer = manager.addReclaimer(10, "cache", request -> 0);

  MemoryPool pool(String name) {
    return manager.pool(name);
  }

  /** Spills, takes fallback memory, fails, is refused, grows, fragments, is misused. */
  Rig busy() {
    for (int i = 0; i < 8; i++) {
      live.add(pool("main").labelled("frames").allocate(200)); // 4, 2 spilled, 2 outside
    }
    live.add(pool("tight").allocate(64));
    assertThatThrownBy(() -> pool("tight").allocate(64)).isInstanceOf(PoolExhaustedException.class);
    assertThatThrownBy(() -> pool("tight").allocate(65))
        .isInstanceOf(IllegalArgumentException.class);
    for (int i = 0; i < 3; i++) {
      live.add(pool("grown").allocate(128));
    }
    fragment();
    misuse();
    MemoryPool tcp = pool("main").chargedTo(manager.quota("network/tcp"));
    assertThatThrownBy(() -> tcp.allocate(1000)).isInstanceOf(PoolExhaustedException.class);
    return this;
  }

  private void fragment() {
    List<MemoryBlock> small = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      small.add(pool("any").allocate(496));
    }
    for (int i = 0; i < small.size(); i++) {
      if (i < 4) {
        small.get(i).close();
      } else {
        live.add(small.get(i));
      }
    }
  }

  private void misuse() {
    live.removeFirst().close();
    long handle = pool("main").allocateHandle(100);
    pool("main").free(handle);
    assertThatThrownBy(() -> pool("main").free(handle)).isInstanceOf(InvalidFreeException.class);
    MemoryBlock pinned = pool("main").allocate(100);
    Pin pin = pinned.pin();
    pinned.close();
    pin.close();
  }

  /** Frees what is live. */
  void calm() {
    live.forEach(MemoryBlock::close);
    live.clear();
  }

  void closeReclaimer() {
    reclaimer.close();
  }

  @Override
  public void close() {
    calm();
    manager.close();
  }
}
