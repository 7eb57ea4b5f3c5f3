package io.cistern;

import static io.cistern.InvalidFreeException.Reason.DOUBLE_FREE;
import static io.cistern.InvalidFreeException.Reason.INTERIOR;
import static io.cistern.InvalidFreeException.Reason.STALE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Misuse where blocks have no fixed places: a record is reused for a block elsewhere, a place for
 * parts of others, and free places can be named. Time budget: 3 seconds.
 */
class VariableMisuseTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").variable(1024).build();

  @AfterEach
  void everythingIsFreeAndInOrder() {
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private void assertRefused(
      InvalidFreeException.Reason reason, String what, ThrowingCallable free) {
    PoolStats before = pool.stats();
    assertThatThrownBy(free)
        .isExactlyInstanceOf(InvalidFreeException.class)
        .hasMessage(reason + ": " + what)
        .extracting("reason")
        .isEqualTo(reason);
    MemoryPoolContract.assertUnchanged(before, pool.stats());
    pool.verify().orThrow();
  }

  private static String describe(MemoryBlock block) {
    HandleParts parts = HandleParts.of(block.handle(), 1);
    return "block %d, generation %d, of pool 'p'".formatted(parts.block(), parts.generation());
  }

  @Test
  void theRecordHasAnotherOwnerElsewhere() {
    MemoryBlock past = pool.allocate(64);
    MemoryBlock stays = pool.allocate(8);
    past.close();
    MemoryBlock next = pool.allocate(600);
    assertThat(HandleParts.of(next.handle(), 1).block())
        .isEqualTo(HandleParts.of(past.handle(), 1).block());
    Tag.write(next.segment(), 3);
    String what = describe(past) + " was freed before, and its block has had another owner since";
    assertRefused(STALE, what, past::close);
    assertRefused(STALE, what, () -> pool.free(past.handle()));
    assertRefused(STALE, what, () -> pool.free(past.handle(), 600));
    Tag.check(next.segment(), 3);
    next.close();
    stays.close();
  }

  @Test
  void theFreedPlaceIsPartOfALargerBlock() {
    List<MemoryBlock> parts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      parts.add(pool.allocate(128));
    }
    List<MemorySegment> places = parts.stream().map(MemoryBlock::segment).toList();
    parts.forEach(MemoryBlock::close);
    assertRefused(
        DOUBLE_FREE,
        "no live block of pool 'p' is at address 0x%x".formatted(places.get(3).address()),
        () -> pool.free(places.get(3)));
    MemoryBlock whole = pool.allocate(1024);
    for (MemorySegment place : places) {
      long into = place.address() - pool.region().address();
      if (into > 0) {
        assertRefused(
            INTERIOR,
            "address 0x%x is byte %d of %s".formatted(place.address(), into, describe(whole)),
            () -> pool.free(place));
      }
    }
    for (MemoryBlock part : parts) {
      assertThatThrownBy(part::close).isInstanceOf(InvalidFreeException.class);
    }
    whole.close();
  }

  @Test
  void bytesBeyondTheSizeAreStillInsideTheBlock() {
    MemoryBlock block = pool.allocate(3);
    MemorySegment beyond = pool.region().asSlice(pool.offset(block.handle()) + 7, 1);
    assertRefused(
        INTERIOR,
        "address 0x%x is byte 7 of %s".formatted(beyond.address(), describe(block)),
        () -> pool.free(beyond));
    block.close();
  }

  @Test
  void afterAResizeTheNewSizeIsTheRightOne() {
    MemoryBlock block = pool.allocate(100);
    assertThat(block.tryResize(40)).isTrue();
    assertThatThrownBy(() -> pool.free(block.handle(), 100))
        .hasMessage(
            "WRONG_SIZE: handle 0x%016x of pool 'p' was allocated with 40 B, not 100 B",
            block.handle());
    pool.free(block.handle(), 40);
  }

  /** Free by handle, by block and by address, and resizes, of one block at the same moment. */
  @ParameterizedTest
  @EnumSource(Zeroing.class)
  void ofAllThatFreeAtOnceExactlyOneSucceeds(Zeroing zeroing) throws Exception {
    int rounds = 2_000;
    SpinBarrier barrier = new SpinBarrier(2);
    AtomicInteger freed = new AtomicInteger();
    MemoryBlock[] block = new MemoryBlock[1];
    try (MemoryPool raced = MemoryPool.builder().variable(256).zeroing(zeroing).build()) {
      block[0] = raced.allocate(100);
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            for (int round = 0; round < rounds; round++) {
              MemoryBlock mine = block[0];
              MemorySegment place = raced.region().asSlice(raced.offset(mine.handle()));
              barrier.await();
              int form = (round + thread * (1 + round / 7)) % 4;
              freed.addAndGet(frees(raced, mine, place, form) ? 1 : 0);
              barrier.await();
              if (thread == 0) {
                raced.verify().orThrow();
                freed.addAndGet(mine.isLive() && frees(raced, mine, place, 0) ? 1 : 0);
                block[0] = raced.allocate(100);
              }
              barrier.await();
            }
          });
      block[0].close();
      assertThat(freed.get()).isEqualTo(rounds);
      MemoryPoolContract.assertInOrder(raced);
    }
  }

  private static boolean frees(MemoryPool pool, MemoryBlock block, MemorySegment place, int form) {
    try {
      switch (form) {
        case 0 -> block.close();
        case 1 -> pool.free(block.handle());
        case 2 -> pool.free(place);
        default -> {
          pool.tryResize(block.handle(), 200);
          return false;
        }
      }
      return true;
    } catch (InvalidFreeException | IllegalArgumentException | IllegalStateException refused) {
      return false;
    }
  }
}
