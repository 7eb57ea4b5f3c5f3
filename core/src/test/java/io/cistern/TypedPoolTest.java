package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cistern.InvalidFreeException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of typed objects: allocation, exhaustion, closing, misuse, threads. Budget: 5 s. */
@Timeout(30)
class TypedPoolTest {
  private static final StructLayout READING =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("time"),
          ValueLayout.JAVA_FLOAT.withName("volts"),
          ValueLayout.JAVA_INT.withName("channel"));

  interface Reading {
    long time();

    void time(long time);

    float volts();

    Reading volts(float volts);

    int channel();

    void channel(int channel);
  }

  private static TypedPool<Reading> readings(int count) {
    return TypedPool.of(Reading.class, READING, count);
  }

  @Test
  void theFirstProgram() {
    try (TypedPool<Reading> readings = readings(2)) {
      try (TypedBlock<Reading> reading = readings.allocate()) {
        assertThat(reading.value().volts(3.3f).volts()).isEqualTo(3.3f);
        assertThat(reading.segment().get(ValueLayout.JAVA_FLOAT, 8)).isEqualTo(3.3f);
        assertThat(reading.isLive()).isTrue();
      }
      MemoryPoolContract.assertInOrder(readings.pool());
    }
  }

  @Test
  void itsOwnPoolIsNamedAfterTheInterfaceAndAsLargeAsNeeded() {
    TypedPool<Reading> readings = readings(3);
    assertThat(readings.name()).isEqualTo("Reading");
    assertThat(readings.type()).isEqualTo(Reading.class);
    assertThat(readings.layout()).isEqualTo(READING);
    assertThat(readings.stats().tiers()).hasSize(1);
    PoolStats.Tier tier = readings.stats().tiers().getFirst();
    assertThat(tier.blockSizeBytes()).isEqualTo(16);
    assertThat(tier.total()).isEqualTo(3);
    assertThat(readings)
        .hasToString("TypedPool[io.cistern.TypedPoolTest$Reading, 16 B, in pool 'Reading']");
    assertThat(readings.verify().orThrow().quiescent()).isTrue();
    readings.close();
    readings.close();
    assertThat(readings.pool().isClosed()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(readings::allocate)
        .withMessage("pool 'Reading' is closed");
  }

  @Test
  void exhaustedIsNullOrAnExceptionWithTheFigures() throws InterruptedException {
    try (TypedPool<Reading> readings = readings(1);
        TypedBlock<Reading> only = readings.allocate()) {
      assertThat(only.isLive()).isTrue();
      assertThat(readings.tryAllocate()).isNull();
      assertThatExceptionOfType(PoolExhaustedException.class)
          .isThrownBy(readings::allocate)
          .withMessage(
              "pool 'Reading' is exhausted: asked 16 B, largest free block 0 B, free 0 B, used 16 B, limit 16 B");
      assertThatExceptionOfType(PoolExhaustedException.class)
          .isThrownBy(() -> readings.allocate(Duration.ofMillis(1)))
          .withMessageStartingWith("pool 'Reading' is exhausted after waiting 1 ms:");
    }
  }

  @Test
  void waitsForAnObject() throws Exception {
    try (TypedPool<Reading> readings = readings(1)) {
      TypedBlock<Reading> first = readings.allocate();
      first.value().time(-1);
      FutureTask<Long> waiter =
          Threads.start(
              Thread.ofVirtual(),
              () -> {
                try (TypedBlock<Reading> next = readings.allocate(Duration.ofSeconds(30))) {
                  return next.value().time();
                }
              });
      Threads.untilWaiting(readings.pool(), 1);
      first.close();
      assertThat(Threads.get(waiter)).isZero();
    }
  }

  @Test
  void aFreshObjectIsAllZero() {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 1).build()) {
      TypedPool<Reading> readings = TypedPool.of(Reading.class, READING, pool);
      try (MemoryBlock block = pool.allocate(64)) {
        block.segment().fill((byte) -1);
      }
      try (TypedBlock<Reading> reading = readings.allocate()) {
        assertThat(reading.segment().toArray(ValueLayout.JAVA_BYTE)).hasSize(16).containsOnly(0);
        reading.segment().fill((byte) -1);
      }
      TypedBlock<Reading> tried = Objects.requireNonNull(readings.tryAllocate());
      assertThat(tried.value().time()).isZero();
      tried.close();
    }
  }

  @Test
  void overAPoolOfTheCallers() {
    try (MemoryPool pool = MemoryPool.builder().tier(16, 1).tier(64, 1).build()) {
      TypedPool<Reading> readings = TypedPool.of(Reading.class, READING, pool);
      assertThat(readings.pool()).isSameAs(pool);
      try (TypedBlock<Reading> one = readings.allocate();
          TypedBlock<Reading> spilled = readings.allocate()) {
        assertThat(one.segment().byteSize()).isEqualTo(16);
        assertThat(spilled.segment().byteSize()).isEqualTo(16);
        assertThat(pool.stats().used()).isEqualTo(2);
      }
      readings.close();
      assertThat(pool.isClosed()).isFalse();
    }
  }

  @Test
  void overPoolsOfEveryKind() {
    List<MemoryPool> pools =
        List.of(
            MemoryPool.builder().variable(1 << 10).build(),
            MemoryPool.builder().tier(16, 2).confined().build(),
            MemoryPool.builder().tier(8, 1).fallback(1 << 10).build(),
            MemoryPool.builder().tier(16, 2).zeroing(Zeroing.ON_ALLOCATE).build(),
            MemoryPool.builder().tier(16, 2).zeroing(Zeroing.ON_FREE).build(),
            MemoryPool.builder().tier(16, 2).labels().build().labelled("readings"));
    for (MemoryPool pool : pools) {
      TypedPool<Reading> readings = TypedPool.of(Reading.class, READING, pool);
      try (TypedBlock<Reading> reading = readings.allocate()) {
        reading.value().volts(1.5f).channel(7);
        assertThat(reading.value()).hasToString("Reading[time=0, volts=1.5, channel=7]");
      }
      try (TypedBlock<Reading> reading = readings.allocate()) {
        assertThat(reading.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      }
      MemoryPoolContract.assertInOrder(pool);
      pool.close();
    }
  }

  @Test
  void misuseIsCaught() {
    try (TypedPool<Reading> readings = readings(1)) {
      TypedBlock<Reading> reading = readings.allocate();
      String block =
          "block 0 of 16 B, generation %d, of pool 'Reading'"
              .formatted(Integer.toUnsignedLong((int) reading.handle()));
      assertThatIllegalStateException()
          .isThrownBy(readings::close)
          .withMessageStartingWith("pool 'Reading' stays open: 1 live block");
      assertThat(readings.pool().isLive(reading.handle())).isTrue();
      reading.close();
      assertThatExceptionOfType(InvalidFreeException.class)
          .isThrownBy(reading::close)
          .withMessage("DOUBLE_FREE: " + block + " was freed before")
          .returns(Reason.DOUBLE_FREE, InvalidFreeException::reason);
      try (TypedBlock<Reading> next = readings.allocate()) {
        next.value().channel(5);
        assertThatExceptionOfType(InvalidFreeException.class)
            .isThrownBy(reading::close)
            .returns(Reason.STALE, InvalidFreeException::reason);
        assertThat(next.value().channel()).isEqualTo(5);
      }
      assertThat(reading.isLive()).isFalse();
      assertThatIllegalStateException()
          .isThrownBy(reading::value)
          .withMessage(block + " was freed");
      assertThatIllegalStateException()
          .isThrownBy(reading::segment)
          .withMessage(block + " was freed");
      assertThat(reading).hasToString("TypedBlock[MemoryBlock[" + block + ", 16 B, freed]]");
      assertThat(readings.stats().violations()).isEqualTo(2);
    }
  }

  @Test
  void aPoolClosedUnderAnObjectEndsTheObject() {
    TypedPool<Reading> readings = readings(1);
    TypedBlock<Reading> reading = readings.allocate();
    Reading value = reading.value();
    readings.pool().closeNow();
    assertThatIllegalStateException().isThrownBy(value::time);
    assertThatIllegalStateException().isThrownBy(reading::value);
    reading.close();
    readings.close();
  }

  @Test
  void alignmentIsTheLayouts() {
    StructLayout line = READING.withByteAlignment(64);
    try (TypedPool<Reading> readings = TypedPool.of(Reading.class, line, 3)) {
      List<TypedBlock<Reading>> blocks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        blocks.add(readings.allocate());
      }
      assertThat(blocks).allMatch(block -> block.segment().address() % 64 == 0);
      blocks.forEach(TypedBlock::close);
    }
  }

  @Test
  void aPoolWhoseBlocksAreLessAlignedIsRefused() {
    StructLayout line = READING.withByteAlignment(64);
    try (MemoryPool pool = MemoryPool.builder().name("odd").tier(16, 1).alignment(32).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TypedPool.of(Reading.class, line, pool))
          .withMessage(
              "layout of io.cistern.TypedPoolTest$Reading is aligned at 64 B, blocks of pool 'odd' at 32 B: build the pool with alignment(64)");
      TypedPool.of(Reading.class, READING.withByteAlignment(32), pool).allocate().close();
    }
  }

  @Test
  void anyMemoryCanBeSeenAsAnObject() {
    try (TypedPool<Reading> readings = readings(1);
        Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(READING);
      Reading view = readings.view(segment);
      view.channel(9);
      assertThat(segment.get(ValueLayout.JAVA_INT, 12)).isEqualTo(9);
      long handle = readings.pool().allocateHandle(16);
      readings.view(readings.pool().segment(handle)).channel(3);
      assertThat(readings.pool().segment(handle).get(ValueLayout.JAVA_INT, 12)).isEqualTo(3);
      readings.pool().free(handle);
      String needs =
          ": a view of io.cistern.TypedPoolTest$Reading needs 16 B, aligned at 8 B, to be read and written";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> readings.view(segment.asSlice(1)))
          .withMessage("segment of 15 B, aligned at 1 B" + needs);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> readings.view(MemorySegment.ofArray(new byte[16])))
          .withMessage("segment of 16 B, aligned at 1 B" + needs);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> readings.view(MemorySegment.ofArray(new long[2]).asReadOnly()))
          .withMessage("segment of 16 B, aligned at 8 B, read-only" + needs);
    }
  }

  /** Threads write their number into every member, and find it there until they free. */
  @Test
  void manyThreadsHaveObjectsOfTheirOwn() throws Exception {
    try (TypedPool<Reading> readings = readings(48)) {
      Threads.together(
          8,
          Thread.ofPlatform(),
          thread -> {
            for (int round = 0; round < 20_000; round++) {
              try (TypedBlock<Reading> reading = readings.allocate()) {
                Reading value = reading.value();
                assertThat(value.time() == 0 && value.volts() == 0 && value.channel() == 0)
                    .isTrue();
                value.volts(thread + 1).channel(thread + 1);
                value.time(thread + 1L);
                assertThat(value.time() == value.channel() && value.volts() == thread + 1).isTrue();
              }
            }
          });
      assertThat(readings.stats().tiers().getFirst().allocations()).isEqualTo(160_000);
      MemoryPoolContract.assertInOrder(readings.pool());
    }
  }

  /** What one thread wrote is seen by the one that it hands the object to, which frees it. */
  @Test
  void objectsAreHandedOver() throws Exception {
    try (TypedPool<Reading> readings = readings(16)) {
      AtomicReferenceArray<TypedBlock<Reading>> slots = new AtomicReferenceArray<>(16);
      Threads.together(
          2,
          Thread.ofPlatform(),
          thread -> {
            for (int i = 0; i < 20_000; i++) {
              int slot = i % 16;
              if (thread == 0) {
                put(slots, slot, readings.allocate(Duration.ofSeconds(30)), i);
              } else {
                take(slots, slot, i);
              }
            }
          });
      MemoryPoolContract.assertInOrder(readings.pool());
    }
  }

  private static void put(
      AtomicReferenceArray<TypedBlock<Reading>> slots,
      int slot,
      TypedBlock<Reading> reading,
      int number) {
    reading.value().channel(number);
    while (!slots.compareAndSet(slot, null, reading)) {
      Thread.onSpinWait();
    }
  }

  private static void take(AtomicReferenceArray<TypedBlock<Reading>> slots, int slot, int number) {
    TypedBlock<Reading> reading = slots.getAndSet(slot, null);
    while (reading == null) {
      Thread.onSpinWait();
      reading = slots.getAndSet(slot, null);
    }
    assertThat(reading.value().channel()).isEqualTo(number);
    reading.close();
  }

  /** All threads ask for the view of a pair at once: they get objects of one class. */
  @Test
  void oneClassForEachPairWhoeverComesFirst() throws Exception {
    StructLayout fresh = READING.withByteAlignment(16);
    AtomicReferenceArray<Class<?>> classes = new AtomicReferenceArray<>(8);
    Threads.together(
        8,
        Thread.ofPlatform(),
        thread -> {
          try (TypedPool<Reading> readings = TypedPool.of(Reading.class, fresh, 1);
              TypedBlock<Reading> reading = readings.allocate()) {
            classes.set(thread, reading.value().getClass());
          }
        });
    for (int thread = 0; thread < 8; thread++) {
      assertThat(classes.get(thread)).isEqualTo(classes.get(0)).isNotNull();
    }
  }
}
