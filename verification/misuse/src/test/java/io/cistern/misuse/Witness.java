package io.cistern.misuse;

import io.cistern.Damage;
import io.cistern.PoolListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Hears what a pool reports without throwing it at anybody. */
final class Witness implements PoolListener {
  private final AtomicInteger reports = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();

  @Override
  public void onDamage(Damage damage) {
    reports.incrementAndGet();
  }

  @Override
  public void onFreeDeferred(DeferredFree free) {
    reports.incrementAndGet();
  }

  @Override
  public void onLost(Lost block) {
    lost.incrementAndGet();
  }

  /** How many blocks were reported that nobody can free any more. */
  int lost() {
    return lost.get();
  }

  /** How many other reports there were. */
  int reports() {
    return reports.get();
  }
}
