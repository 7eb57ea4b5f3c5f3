package io.cistern;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.FOREIGN;
import static io.cistern.InvalidFreeException.Reason.INTERIOR;
import static io.cistern.InvalidFreeException.Reason.STALE;
import static io.cistern.InvalidFreeException.Reason.WRONG_SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every check on free, with its reason and its words; and that a free which is refused changes
 * nothing, whoever owns the block by then.
 */
@EveryKind
class MisuseContractTest extends MemoryPoolContract {
  private static final String AGAIN = ", and its block has had another owner since";

  /** All but the last and largest block are taken, so that the next owner is known. */
  private final List<MemoryBlock> others = takeAll();

  private final MemoryBlock block = others.removeLast();

  MisuseContractTest(PoolKind kind) {
    super(kind);
  }

  @AfterEach
  void freeOthers() {
    freeAll(others);
  }

  private MemoryBlock next() {
    MemoryBlock next = pool.allocate(kind.lastSize());
    assertThat(next.handle() >>> 32).as("same block").isEqualTo(block.handle() >>> 32);
    return next;
  }

  private void assertRefused(
      InvalidFreeException.Reason reason, String what, ThrowingCallable free) {
    PoolStats before = pool.stats();
    assertThatThrownBy(free)
        .isExactlyInstanceOf(InvalidFreeException.class)
        .hasMessage(reason + ": " + what)
        .extracting("reason")
        .isEqualTo(reason);
    PoolStats after = pool.stats();
    assertThat(after.violations()).isEqualTo(before.violations() + 1);
    assertUnchanged(before, after);
  }

  @Test
  void doubleFreeAtOnce() {
    block.close();
    String what = kind.describe(block.handle()) + " was freed before";
    assertRefused(DOUBLE_FREE, what, block::close);
    assertRefused(DOUBLE_FREE, what, () -> pool.free(block.handle()));
    assertRefused(DOUBLE_FREE, what, () -> pool.free(block.handle(), kind.lastSize()));
    assertRefused(DOUBLE_FREE, what, () -> pool.free(block.handle(), 0));
  }

  @Test
  void doubleFreeAfterOtherFrees() {
    block.close();
    freeAll(others);
    assertRefused(DOUBLE_FREE, kind.describe(block.handle()) + " was freed before", block::close);
  }

  @Test
  void doubleFreeByAddress() {
    MemorySegment segment = block.segment();
    pool.free(segment);
    String what =
        kind.isVariable()
            ? "no live block of pool '%s' is at address 0x%x"
                .formatted(kind.name(), segment.address())
            : kind.describe(block.handle()) + " was freed before";
    assertRefused(DOUBLE_FREE, what, () -> pool.free(segment));
  }

  @Test
  void staleFreeWhenTheBlockHasAnotherOwner() {
    block.close();
    try (MemoryBlock next = next()) {
      Tag.write(next.segment(), 7);
      String what = kind.describe(block.handle()) + " was freed before" + AGAIN;
      assertRefused(STALE, what, block::close);
      assertRefused(STALE, what, () -> pool.free(block.handle()));
      assertRefused(STALE, what, () -> pool.free(block.handle(), next.byteSize()));
      assertThat(next.isLive()).isTrue();
      Tag.check(next.segment(), 7);
    }
  }

  @Test
  void staleFreeWhenTheNextOwnerHasFreedToo() {
    block.close();
    next().close();
    String what = kind.describe(block.handle()) + " was freed before" + AGAIN;
    assertRefused(STALE, what, block::close);
    assertRefused(STALE, what, () -> pool.free(block.handle()));
  }

  @Test
  void staleFreeAfterManyOwners() {
    block.close();
    for (int i = 0; i < 1000; i++) {
      next().close();
    }
    String what = kind.describe(block.handle()) + " was freed before" + AGAIN;
    assertRefused(STALE, what, block::close);
    assertRefused(STALE, what, () -> pool.free(block.handle()));
  }

  @Test
  void handleOfAnotherPool() {
    try (MemoryPool other = kind.open()) {
      long handle = other.allocateHandle(1);
      String what = "handle 0x%016x is not of pool '%s'".formatted(handle, kind.name());
      assertRefused(FOREIGN, what, () -> pool.free(handle));
      assertRefused(FOREIGN, what, () -> pool.free(handle, 1));
      assertThat(pool.isLive(handle)).isFalse();
      other.free(handle);
    }
    block.close();
  }

  @Test
  void addressElsewhere() {
    MemorySegment region = pool.region();
    try (Arena arena = Arena.ofConfined()) {
      assertForeign(arena.allocate(8));
    }
    assertForeign(MemorySegment.ofAddress(region.address() + region.byteSize()));
    assertForeign(MemorySegment.ofAddress(region.address() - 1));
    assertForeign(MemorySegment.NULL);
    assertForeign(MemorySegment.ofArray(new byte[8]));
    block.close();
  }

  private void assertForeign(MemorySegment segment) {
    assertRefused(
        FOREIGN,
        "address 0x%x is not in pool '%s'".formatted(segment.address(), kind.name()),
        () -> pool.free(segment));
  }

  @Test
  void everyAddressInsideABlock() {
    MemorySegment segment = block.segment();
    for (long i = 1; i < Math.min(segment.byteSize(), 2000); i++) {
      MemorySegment inside = segment.asSlice(i);
      assertRefused(
          INTERIOR,
          "address 0x%x is byte %d of %s"
              .formatted(inside.address(), i, kind.describe(block.handle())),
          () -> pool.free(inside));
    }
    block.close();
  }

  @Test
  void wrongSizes() {
    long size = block.byteSize();
    long[] wrong = {
      0,
      -1,
      size - 1,
      size + 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      size + (1L << 32),
      size - (1L << 32)
    };
    for (long other : wrong) {
      if (other != size) {
        assertRefused(
            WRONG_SIZE,
            "handle 0x%016x of pool '%s' was allocated with %d B, not %d B"
                .formatted(block.handle(), kind.name(), size, other),
            () -> pool.free(block.handle(), other));
      }
    }
    pool.free(block.handle(), size);
  }

  @Test
  void forgedHandles() {
    long handle = block.handle();
    PoolStats before = pool.stats();
    SplittableRandom random = Seed.random("forged handles, " + kind);
    for (int bit = 0; bit < 64; bit++) {
      assertNotFreed(handle ^ 1L << bit);
    }
    for (int i = 0; i < 2_000; i++) {
      assertNotFreed(random.nextLong());
      assertNotFreed((handle & 0xFF00_0000_0000_0000L) | (random.nextLong() >>> 8));
      assertNotFreed((handle & 0xFFFF_FFFF_0000_0000L) | (random.nextLong() >>> 32));
    }
    assertUnchanged(before, pool.stats());
    block.close();
  }

  private void assertNotFreed(long forged) {
    if (forged == MemoryPool.NO_HANDLE || pool.isLive(forged)) {
      return; // one in 2^32: it happens to be a true handle
    }
    try {
      pool.free(forged);
    } catch (InvalidFreeException refused) {
      return;
    }
    throw new AssertionError("freed by forged handle 0x%x".formatted(forged));
  }
}
