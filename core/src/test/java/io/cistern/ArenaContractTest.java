package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

/** What the JDK promises of every arena is kept by those over a pool, of every kind. */
@EveryKind
class ArenaContractTest extends MemoryPoolContract {
  private static final long MAX_ALIGNMENT = 64;

  ArenaContractTest(PoolKind kind) {
    super(kind);
  }

  /** Both kinds of arenas, where the pool has both. */
  private List<Function<MemoryPool, Arena>> both() {
    return kind.isConfined()
        ? List.of(MemoryPool::openArena)
        : List.of(MemoryPool::openArena, MemoryPool::openSharedArena);
  }

  @Test
  void aConfinedPoolHasNoArenaForOthers() {
    if (kind.isConfined()) {
      assertThatThrownBy(pool::openSharedArena)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "pool '%s' is confined to a thread: it has no arenas for others", kind.name());
    }
  }

  @Test
  void segmentsAreZeroExactAndTheArenas() {
    for (Function<MemoryPool, Arena> open : both()) {
      for (int round = 0; round < 2; round++) {
        try (Arena arena = open.apply(pool)) {
          for (long size : kind.fill()) {
            MemorySegment segment = arena.allocate(size);
            assertThat(segment.byteSize()).isEqualTo(size);
            assertThat(segment.scope()).isEqualTo(arena.scope());
            assertThat(ZeroingContractTest.isZero(segment)).as("zero, round " + round).isTrue();
            segment.fill((byte) 0x77);
          }
        }
        assertThat(pool.stats().used()).isZero();
      }
    }
  }

  @Test
  void segmentsAreDeadAfterCloseAndTheirBlocksFree() {
    for (Function<MemoryPool, Arena> open : both()) {
      Arena arena = open.apply(pool);
      MemorySegment segment = arena.allocate(1);
      assertThat(pool.stats().used()).isEqualTo(1);
      assertThat(arena.scope().isAlive()).isTrue();
      arena.close();
      assertThat(arena.scope().isAlive()).isFalse();
      assertThat(pool.stats().used()).isZero();
      assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("Already closed");
      assertThatThrownBy(() -> arena.allocate(1))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("Already closed");
      assertThatThrownBy(arena::close).isExactlyInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void alignmentIsAsAsked() {
    for (long alignment = 1; alignment <= MAX_ALIGNMENT; alignment *= 2) {
      try (Arena arena = pool.openArena()) {
        if (1 + alignment <= pool.maxSize()) {
          MemorySegment segment = arena.allocate(1, alignment);
          assertThat(segment.address() % alignment).isZero();
          assertThat(segment.byteSize()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void segmentsOfNoBytesHaveAddressesOfTheirOwn() {
    try (Arena arena = pool.openArena()) {
      List<Long> addresses = new ArrayList<>();
      for (int i = 0; i < Math.min(5, kind.fill().length); i++) {
        MemorySegment segment = arena.allocate(0);
        assertThat(segment.byteSize()).isZero();
        addresses.add(segment.address());
      }
      assertThat(addresses).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatIsWrongIsRefusedAndTakesNothing() {
    try (Arena arena = pool.openArena()) {
      assertThatThrownBy(() -> arena.allocate(-1))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("size of -1 B: must be 0 or more");
      assertThatThrownBy(() -> arena.allocate(1, 3))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("alignment of 3 B: must be a power of two");
      assertThatThrownBy(() -> arena.allocate(1, 0)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> arena.allocate(pool.maxSize() + 1))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("serves from 1 to %d B", pool.maxSize());
      assertThat(pool.stats().used()).isZero();
      for (long size : kind.fill()) {
        arena.allocate(size);
      }
      assertThatThrownBy(() -> arena.allocate(kind.lastSize()))
          .isInstanceOf(PoolExhaustedException.class);
    }
  }

  @Test
  void aConfinedArenaIsItsThreads() throws InterruptedException {
    try (Arena arena = pool.openArena()) {
      MemorySegment segment = arena.allocate(1);
      assertElsewhere(() -> segment.get(ValueLayout.JAVA_BYTE, 0));
      assertElsewhere(() -> arena.allocate(1));
      assertElsewhere(arena::close);
      assertThat(pool.stats().used()).isEqualTo(1);
    }
  }

  private static void assertElsewhere(Runnable use) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>(new AssertionFailedError("nothing"));
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              try {
                use.run();
              } catch (RuntimeException refused) {
                thrown.set(refused);
              }
            });
    other.join();
    assertThat(thrown.get()).isExactlyInstanceOf(WrongThreadException.class);
  }

  @Test
  void aPoolThatIsClosedUnderAnArenaLeavesItsMemory() {
    for (Function<MemoryPool, Arena> open : both()) {
      try (MemoryPool closing = kind.open()) {
        Arena arena = open.apply(closing);
        Arena second = open.apply(closing);
        MemorySegment segment = arena.allocate(1);
        boolean isRoom = kind.fill().length > 1;
        MemorySegment other = isRoom ? second.allocate(1) : segment;
        long mine = isRoom && kind.fill().length > 2 ? closing.allocateHandle(1) : 0;
        MemorySegment ofPool = mine == 0 ? null : closing.segment(mine);
        assertThatThrownBy(closing::close).hasMessageContaining("stays open: ");
        closing.closeNow();
        segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 5);
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        assertThatThrownBy(() -> arena.allocate(1)).isInstanceOf(IllegalStateException.class);
        arena.close();
        if (isRoom) {
          assertThat(other.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        }
        if (ofPool != null && kind.level() != CheckLevel.GUARDED) {
          assertThat(ofPool.scope().isAlive()).isEqualTo(isRoom);
        }
        second.close();
        if (ofPool != null) {
          assertThat(ofPool.scope().isAlive()).as("given back").isFalse();
        }
      }
    }
  }

  @Test
  void ofAClosedPoolThereIsNone() {
    MemoryPool closed = kind.open();
    closed.close();
    assertThatThrownBy(closed::openArena).hasMessage("pool '%s' is closed", kind.name());
    if (!kind.isConfined()) {
      assertThatThrownBy(closed::openSharedArena).hasMessage("pool '%s' is closed", kind.name());
    }
  }

  @Test
  void onlyTheArenaFreesItsBlocks() {
    for (Function<MemoryPool, Arena> open : both()) {
      try (Arena arena = open.apply(pool)) {
        MemorySegment segment = arena.allocate(1);
        assertThatThrownBy(() -> pool.free(segment))
            .isExactlyInstanceOf(InvalidFreeException.class)
            .hasMessageMatching(
                "FOREIGN: address 0x\\p{XDigit}+ of pool '%s' is an arena's: it is freed when the arena is closed"
                    .formatted(kind.name()));
        assertThat(pool.stats().used()).isEqualTo(1);
      }
    }
  }
}
