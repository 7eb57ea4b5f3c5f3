package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Thousands of random operations of every form, right and wrong ones, against {@link PoolModel}:
 * which tier serves, who is refused and why, what every figure is, and that every block keeps what
 * its owner wrote.
 */
@EveryTieredKind
class ModelContractTest extends MemoryPoolContract {
  private static final int STEPS = 6_000;

  /** An allocation that the model knows. */
  private record Known(@Nullable MemoryBlock block, long handle, long size, int tier) {}

  private final PoolModel model;
  private final SplittableRandom random;
  private final List<Known> live = new ArrayList<>();
  private final List<Known> dead = new ArrayList<>();

  /** The last handle of every block, by its index. */
  private final Map<Long, Long> lastHandle = new HashMap<>();

  ModelContractTest(PoolKind kind) {
    super(kind);
    model = new PoolModel(kind);
    random = Seed.random("model, " + kind);
  }

  @Test
  void agrees() throws Exception {
    for (int step = 0; step < STEPS; step++) {
      boolean fills = step / 500 % 2 == 0;
      switch (random.nextInt(16)) {
        case 0 -> refuse();
        case 1 -> freeAgain();
        case 2 -> freeForeign();
        case 3 -> freeInside();
        case 4 -> freeWithWrongSize();
        case 5 -> look();
        case 6 -> model.assertAgreesWith(pool.stats());
        case 7 -> closeTooEarly();
        default -> {
          if (random.nextInt(4) < (fills ? 3 : 1)) {
            allocate();
          } else {
            free();
          }
        }
      }
    }
    while (!live.isEmpty()) {
      free();
    }
    model.assertAgreesWith(pool.stats());
  }

  // --- right operations ---

  private void allocate() throws Exception {
    long size = size();
    int tier = model.allocate(size);
    Known known = request(size, tier);
    assertThat(known != null).isEqualTo(tier != PoolModel.NONE);
    if (known != null) {
      assertThat(HandleParts.of(known.handle, kind.tiers().size()).tier())
          .as("tier for %d B", size)
          .isEqualTo(tier);
      assertThat(known.handle).isNotEqualTo(lastHandle.put(known.handle >>> 32, known.handle));
      MemorySegment memory = pool.segment(known.handle);
      if (kind.zeroing() != Zeroing.OFF) {
        assertThat(ZeroingContractTest.isZero(memory)).isTrue();
      }
      Tag.write(memory, known.handle);
      live.add(known);
    }
  }

  private long size() {
    long near = model.blockSize(random.nextInt(kind.tiers().size())) - random.nextLong(3);
    return Math.clamp(random.nextBoolean() ? near : random.nextLong(3_000), 1, model.maxSize());
  }

  private @Nullable Known request(long size, int tier) throws Exception {
    boolean byBlock = random.nextBoolean();
    try {
      if (random.nextBoolean()) {
        return byBlock
            ? known(random.nextBoolean() ? pool.allocate(size) : allocateTimed(size), tier)
            : new Known(null, pool.allocateHandle(size), size, tier);
      }
    } catch (PoolExhaustedException exhausted) {
      assertThat(exhausted.exhaustion().requestedBytes()).isEqualTo(size);
      return null;
    }
    MemoryBlock block = byBlock ? pool.tryAllocate(size) : null;
    if (block != null) {
      return known(block, tier);
    }
    long handle = byBlock ? MemoryPool.NO_HANDLE : pool.tryAllocateHandle(size);
    return handle == MemoryPool.NO_HANDLE ? null : new Known(null, handle, size, tier);
  }

  private MemoryBlock allocateTimed(long size) throws InterruptedException {
    return pool.allocate(size, Duration.ZERO);
  }

  private static Known known(MemoryBlock block, int tier) {
    return new Known(block, block.handle(), block.byteSize(), tier);
  }

  private void free() {
    if (live.isEmpty()) {
      return;
    }
    Known known = live.remove(random.nextInt(live.size()));
    Tag.check(pool.segment(known.handle), known.handle);
    switch (random.nextInt(4)) {
      case 0 -> pool.free(known.handle);
      case 1 -> pool.free(known.handle, known.size);
      case 2 -> pool.free(pool.segment(known.handle));
      default -> {
        if (known.block != null) {
          known.block.close();
        } else {
          pool.free(new long[] {known.handle}, 0, 1);
        }
      }
    }
    model.free(known.tier);
    dead.add(known);
  }

  private void look() {
    if (!live.isEmpty()) {
      Known known = live.get(random.nextInt(live.size()));
      assertThat(pool.isLive(known.handle)).isTrue();
      assertThat(pool.byteSize(known.handle)).isEqualTo(known.size);
      assertThat(pool.segment(known.handle).address() - pool.region().address())
          .isEqualTo(pool.offset(known.handle));
      Tag.check(pool.segment(known.handle), known.handle);
    }
    if (random.nextInt(10) == 0) {
      assertThat(pool.verify().orThrow().quiescent()).isTrue();
      assertThat(pool.dump()).contains("pool '" + kind.name() + "'");
    }
  }

  // --- wrong operations ---

  private void refuse() {
    long[] sizes = {0, -1, model.maxSize() + 1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 32) + 5};
    long size = sizes[random.nextInt(sizes.length)];
    assertThatThrownBy(() -> pool.tryAllocate(size)).isInstanceOf(IllegalArgumentException.class);
    model.refused++;
  }

  private void freeAgain() {
    if (dead.isEmpty()) {
      return;
    }
    Known known = dead.get(random.nextInt(dead.size()));
    boolean blockIsFree = live.stream().noneMatch(l -> l.handle >>> 32 == known.handle >>> 32);
    boolean wasLast = lastHandle.getOrDefault(known.handle >>> 32, 0L) == known.handle;
    Reason reason = blockIsFree && wasLast ? Reason.DOUBLE_FREE : Reason.STALE;
    assertThat(pool.isLive(known.handle)).isFalse();
    assertRefused(reason, () -> pool.free(known.handle));
    if (known.block != null) {
      assertRefused(reason, known.block::close);
    }
  }

  private void freeForeign() {
    long ofNoPool = (random.nextLong() >>> 8) | 1;
    assertRefused(Reason.FOREIGN, () -> pool.free(ofNoPool));
    long before = pool.region().address() - 1 - random.nextInt(100);
    assertRefused(Reason.FOREIGN, () -> pool.free(MemorySegment.ofAddress(before)));
  }

  private void freeInside() {
    if (!live.isEmpty()) {
      MemorySegment memory = pool.segment(live.get(random.nextInt(live.size())).handle);
      if (memory.byteSize() > 1) {
        long at = 1 + random.nextLong(memory.byteSize() - 1);
        assertRefused(Reason.INTERIOR, () -> pool.free(memory.asSlice(at)));
      }
    }
  }

  private void freeWithWrongSize() {
    if (!live.isEmpty()) {
      Known known = live.get(random.nextInt(live.size()));
      long wrong = known.size + (random.nextBoolean() ? 1L << 32 : 1);
      assertRefused(Reason.WRONG_SIZE, () -> pool.free(known.handle, wrong));
    }
  }

  private void closeTooEarly() {
    if (!live.isEmpty()) {
      assertThatThrownBy(pool::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "pool '%s' stays open: %d live blocks: ", kind.name(), model.used());
    }
  }

  private void assertRefused(Reason reason, ThrowingCallable free) {
    assertThatThrownBy(free)
        .isExactlyInstanceOf(InvalidFreeException.class)
        .extracting("reason")
        .isEqualTo(reason);
    model.violations++;
  }
}
