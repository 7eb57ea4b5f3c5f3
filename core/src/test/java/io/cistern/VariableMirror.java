package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a pool of any size must say of itself, worked out from nothing but where its live blocks
 * lie: they must not overlap, and what is between them is free.
 */
final class VariableMirror {
  private static final long GRANULE = 8;

  private final MemoryPool pool;
  private final long total;

  /** Ends of live places by where they begin. */
  private final TreeMap<Long, Long> places = new TreeMap<>();

  private final Map<Long, Long> offsets = new HashMap<>();

  private long used;
  private long peak;
  private long allocations;
  private long frees;
  private long requested;
  private long granted;
  long failed;
  long violations;

  VariableMirror(MemoryPool pool) {
    this.pool = pool;
    this.total = pool.region().byteSize();
  }

  private static long roundUp(long size) {
    return (size + GRANULE - 1) / GRANULE * GRANULE;
  }

  /** A block that the pool has just given. */
  void allocated(long handle) {
    long size = pool.byteSize(handle);
    take(handle, pool.offset(handle), size);
    allocations++;
    requested += size;
    granted += roundUp(size);
  }

  private void take(long handle, long offset, long size) {
    long end = offset + roundUp(size);
    Entry<Long, Long> before = places.floorEntry(end - 1);
    assertThat(before == null || before.getValue() <= offset).as("overlap at " + offset).isTrue();
    assertThat(offset % GRANULE).isZero();
    assertThat(end).isLessThanOrEqualTo(total);
    places.put(offset, end);
    offsets.put(handle, offset);
    used += end - offset;
    peak = Math.max(peak, used);
  }

  private void give(long handle) {
    long offset = Objects.requireNonNull(offsets.remove(handle));
    used -= Objects.requireNonNull(places.remove(offset)) - offset;
  }

  void freed(long handle) {
    give(handle);
    frees++;
  }

  void resized(long handle, long size) {
    long offset = Objects.requireNonNull(offsets.get(handle));
    give(handle);
    take(handle, offset, size);
  }

  /** Bytes of the gap after a live block. */
  long gapAfter(long handle) {
    long end = Objects.requireNonNull(places.get(offsets.get(handle)));
    Long next = places.higherKey(end - 1);
    return (next == null ? total : next) - end;
  }

  List<Long> gaps() {
    List<Long> gaps = new ArrayList<>();
    long end = 0;
    for (Entry<Long, Long> place : places.entrySet()) {
      if (place.getKey() > end) {
        gaps.add(place.getKey() - end);
      }
      end = place.getValue();
    }
    if (end < total) {
      gaps.add(total - end);
    }
    return gaps;
  }

  void assertAgrees() {
    PoolStats stats = pool.stats();
    PoolStats.Variable found = Objects.requireNonNull(stats.variable());
    List<Long> gaps = gaps();
    long largest = gaps.stream().mapToLong(Long::longValue).max().orElse(0);
    assertThat(found)
        .isEqualTo(
            new PoolStats.Variable(
                total,
                used,
                total - used,
                places.size(),
                gaps.size(),
                largest,
                largest,
                peak,
                allocations,
                frees,
                failed,
                requested,
                granted,
                found.freeBytesFrom()));
    assertThat(stats.violations()).isEqualTo(violations);
    assertFragmentation(found, gaps, largest);
  }

  private void assertFragmentation(PoolStats.Variable found, List<Long> gaps, long largest) {
    double free = total - used;
    assertThat(found.externalFragmentationPercent())
        .isEqualTo(free == 0 ? 0 : 100.0 * (free - largest) / free);
    assertThat(found.internalFragmentationPercent())
        .isEqualTo(granted == 0 ? 0 : 100.0 * (granted - requested) / granted);
    assertThat(found.regionToPeakRatio()).isEqualTo((double) total / peak);
    assertThat(found.reachabilityGapBytes()).isZero();
    for (long size = GRANULE; size <= 2 * total; size *= 2) {
      long least = size;
      double unusable = gaps.stream().filter(gap -> gap < least).mapToLong(gap -> gap).sum();
      assertThat(found.unusableFreePercent(size))
          .as("unusable for %d B", size)
          .isEqualTo(free == 0 ? 0 : 100.0 * unusable / free);
      assertThat(found.unusableFreePercent(size - 1))
          .as("the next such size")
          .isEqualTo(found.unusableFreePercent(size));
    }
  }
}
