package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kinds of use that the JDK's documentation of {@code Arena}, {@code SegmentAllocator}, {@code
 * MemorySegment}, {@code MemoryLayout} and {@code Linker} shows, with the JDK's arenas and with
 * those over a pool: the code is the same.
 */
@SuppressWarnings("restricted") // native calls are among the examples
class ArenaExamplesTest {
  private static final MemoryPool POOL =
      MemoryPool.builder().tier(64, 200).tier(1024, 50).tier(65_536, 4).build();

  @AfterAll
  static void close() {
    POOL.close();
  }

  @AfterEach
  void everythingIsFree() {
    assertThat(POOL.stats().used()).isZero();
    assertThat(POOL.verify().ok()).isTrue();
  }

  static Stream<Supplier<Arena>> arenas() {
    return Stream.of(Arena::ofConfined, Arena::ofShared, POOL::openArena, POOL::openSharedArena);
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void aSegmentForAScope(Supplier<Arena> open) {
    MemorySegment leaked;
    try (Arena arena = open.get()) {
      MemorySegment segment = arena.allocate(100);
      segment.set(ValueLayout.JAVA_INT, 0, 42);
      assertThat(segment.get(ValueLayout.JAVA_INT, 0)).isEqualTo(42);
      leaked = segment;
    }
    assertThat(leaked.scope().isAlive()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void manySegmentsWithOneLifetime(Supplier<Arena> open) {
    try (Arena arena = open.get()) {
      for (int i = 0; i < 10; i++) {
        MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4, 5);
        assertThat(segment.toArray(ValueLayout.JAVA_INT)).containsExactly(1, 2, 3, 4, 5);
      }
    }
  }

  /** An arena that cuts its segments from one of another. */
  private static final class SlicingArena implements Arena {
    private final Arena arena;
    private final SegmentAllocator allocator;

    SlicingArena(Arena arena, long size) {
      this.arena = arena;
      this.allocator = SegmentAllocator.slicingAllocator(arena.allocate(size));
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      return allocator.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void anArenaOverAnArena(Supplier<Arena> open) {
    try (Arena slicing = new SlicingArena(open.get(), 1000)) {
      for (int i = 0; i < 10; i++) {
        MemorySegment segment = slicing.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4, i);
        assertThat(segment.getAtIndex(ValueLayout.JAVA_INT, 4)).isEqualTo(i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void allocators(Supplier<Arena> open) {
    try (Arena arena = open.get()) {
      SegmentAllocator prefix = SegmentAllocator.prefixAllocator(arena.allocate(64, 8));
      prefix.allocateFrom(ValueLayout.JAVA_LONG, 7);
      assertThat(prefix.allocate(8).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(7);
      MemorySegment numbers = MemorySegment.ofArray(new int[] {1, 2});
      MemorySegment copy =
          arena.allocateFrom(ValueLayout.JAVA_INT, numbers, ValueLayout.JAVA_INT, 0, 2);
      assertThat(copy.byteSize()).isEqualTo(8);
      assertThat(arena.allocate(ValueLayout.JAVA_DOUBLE, 5).byteSize()).isEqualTo(40);
      assertThat(arena.allocate(ValueLayout.JAVA_LONG).byteSize()).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void strings(Supplier<Arena> open) {
    try (Arena arena = open.get()) {
      MemorySegment text = arena.allocateFrom("Hello");
      assertThat(text.byteSize()).isEqualTo(6);
      assertThat(text.getString(0)).isEqualTo("Hello");
      MemorySegment wide = arena.allocateFrom("Grüße", StandardCharsets.UTF_16LE);
      assertThat(wide.getString(0, StandardCharsets.UTF_16LE)).isEqualTo("Grüße");
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void structures(Supplier<Arena> open) {
    StructLayout point =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("x"), ValueLayout.JAVA_INT.withName("y"));
    SequenceLayout points = MemoryLayout.sequenceLayout(10, point);
    VarHandle x =
        points.varHandle(
            MemoryLayout.PathElement.sequenceElement(), MemoryLayout.PathElement.groupElement("x"));
    try (Arena arena = open.get()) {
      MemorySegment segment = arena.allocate(points);
      for (int i = 0; i < points.elementCount(); i++) {
        x.set(segment, 0L, (long) i, i);
      }
      assertThat((int) x.get(segment, 0L, 9L)).isEqualTo(9);
      assertThat(segment.elements(point).count()).isEqualTo(10);
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void alignments(Supplier<Arena> open) {
    try (Arena arena = open.get()) {
      for (long alignment = 1; alignment <= 4096; alignment *= 2) {
        MemorySegment segment = arena.allocate(24, alignment);
        assertThat(segment.address() % alignment).isZero();
        assertThat(segment.byteSize()).isEqualTo(24);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void nativeCalls(Supplier<Arena> open) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle strlen =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("strlen"),
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    try (Arena arena = open.get()) {
      MemorySegment text = arena.allocateFrom("Hello");
      assertThat((long) strlen.invokeExact(text)).isEqualTo(5);
    }
  }

  /** Called by the C library. */
  static int compare(MemorySegment a, MemorySegment b) {
    return Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0));
  }

  @ParameterizedTest
  @MethodSource("arenas")
  void upcalls(Supplier<Arena> open) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle qsort =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("qsort"),
            FunctionDescriptor.ofVoid(
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS));
    MemoryLayout number =
        ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(1, ValueLayout.JAVA_INT));
    FunctionDescriptor comparator = FunctionDescriptor.of(ValueLayout.JAVA_INT, number, number);
    MethodHandle compare =
        MethodHandles.lookup()
            .findStatic(
                ArenaExamplesTest.class,
                "compare",
                MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
    try (Arena arena = open.get()) {
      MemorySegment function = linker.upcallStub(compare, comparator, arena);
      MemorySegment array = arena.allocateFrom(ValueLayout.JAVA_INT, 0, 9, 3, 4, 6, 5, 1, 8, 2, 7);
      qsort.invokeExact(array, 10L, ValueLayout.JAVA_INT.byteSize(), function);
      assertThat(array.toArray(ValueLayout.JAVA_INT)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }
}
