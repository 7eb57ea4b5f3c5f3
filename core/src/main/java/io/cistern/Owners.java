package io.cistern;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The owners of a governed pool, by the number that its blocks remember; none is ever forgotten.
 */
final class Owners {
  /** Whose is what is allocated through the pool itself. */
  final Owner nobody;

  private final String pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final GovernedSizes sizes;
  private final Map<String, Owner.Label> byName = new ConcurrentHashMap<>();
  private volatile Owner[] owners;

  Owners(String pool, @Nullable Quota quotas, boolean labels, GovernedSizes sizes) {
    this.pool = pool;
    this.sizes = sizes;
    this.nobody = new Owner(0, quotas, labels ? label("") : null);
    this.owners = new Owner[] {nobody};
  }

  Owner byNumber(int number) {
    return owners[number];
  }

  /** The owner of that quota and label, always the same. */
  Owner owner(@Nullable Quota quota, Owner.@Nullable Label label) {
    lock.lock();
    try {
      for (Owner owner : owners) {
        if (same(owner.quota(), quota) && same(owner.label(), label)) {
          return owner;
        }
      }
      if (owners.length == BlockTags.MOST_OWNERS) {
        throw new IllegalStateException(
            "pool '%s' knows %d owners (labels and quotas) already"
                .formatted(pool, BlockTags.MOST_OWNERS));
      }
      Owner[] more = Arrays.copyOf(owners, owners.length + 1);
      more[owners.length] = new Owner(owners.length, quota, label);
      owners = more;
      return more[more.length - 1];
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // quotas and labels are themselves alone
  private static boolean same(@Nullable Object one, @Nullable Object other) {
    return one == other;
  }

  Owner.Label label(String name) {
    return byName.computeIfAbsent(name, of -> new Owner.Label(of, sizes));
  }

  List<PoolStats.Label> labelStats() {
    return byName.values().stream()
        .map(Owner.Label::stats)
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .toList();
  }
}
