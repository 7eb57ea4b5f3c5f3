package io.cistern.testkit;

import io.cistern.CheckLevel;
import io.cistern.Damage;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The pool that a test gets as a parameter, and what damage it found.
 *
 * @param pool of 3 MiB, {@link CheckLevel#CHECKED}
 * @param damages in the order in which they were found
 */
record GivenPool(MemoryPool pool, List<Damage> damages) {
  static GivenPool open() {
    List<Damage> damages = new CopyOnWriteArrayList<>();
    PoolListener listener =
        new PoolListener() {
          @Override
          public void onDamage(Damage damage) {
            damages.add(damage);
          }
        };
    MemoryPool pool =
        MemoryPool.builder()
            .name("test")
            .tier(64, 1024)
            .tier(256, 1024)
            .tier(1024, 512)
            .tier(4096, 128)
            .tier(16_384, 32)
            .tier(65_536, 16)
            .checks(CheckLevel.CHECKED)
            .listener(listener)
            .build();
    return new GivenPool(pool, damages);
  }
}
