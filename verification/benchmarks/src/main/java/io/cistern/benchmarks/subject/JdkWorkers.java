package io.cistern.benchmarks.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.CompilerControl;

/** What the JDK itself offers. All of it zeroes the memory, as its specification demands. */
final class JdkWorkers {
  private JdkWorkers() {}

  /** A confined arena for each allocation; the arena is what is freed. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Confined implements Worker {
    private final Arena[] arenas;

    Confined(int slots) {
      this.arenas = new Arena[slots];
    }

    @Override
    public void pair(int size) {
      try (Arena arena = Arena.ofConfined()) {
        arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
      }
    }

    @Override
    public void allocate(int slot, int size) {
      Arena arena = Arena.ofConfined();
      arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
      arenas[slot] = arena;
    }

    @Override
    public void free(int slot) {
      arenas[slot].close();
    }
  }

  /** A shared arena for each allocation; the arena is what is freed. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Shared implements Worker {
    private final Arena[] arenas;

    Shared(int slots) {
      this.arenas = new Arena[slots];
    }

    @Override
    public void pair(int size) {
      try (Arena arena = Arena.ofShared()) {
        arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
      }
    }

    @Override
    public void allocate(int slot, int size) {
      Arena arena = Arena.ofShared();
      arena.allocate(size).set(JAVA_BYTE, 0, (byte) 1);
      arenas[slot] = arena;
    }

    @Override
    public void free(int slot) {
      arenas[slot].close();
    }
  }

  /** Segments that the garbage collector frees; kept in a slot, so that they are really made. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Auto implements Worker {
    private final MemorySegment[] segments;

    Auto(int slots) {
      this.segments = new MemorySegment[Math.max(1, slots)];
    }

    @Override
    public void pair(int size) {
      allocate(0, size);
    }

    @Override
    public void allocate(int slot, int size) {
      MemorySegment segment = Arena.ofAuto().allocate(size);
      segment.set(JAVA_BYTE, 0, (byte) 1);
      segments[slot] = segment;
    }

    @Override
    public void free(int slot) {
      segments[slot] = MemorySegment.NULL;
    }
  }

  /** Direct buffers that the garbage collector frees; kept in a slot, as above. */
  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Direct implements Worker {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final ByteBuffer[] buffers;

    Direct(int slots) {
      this.buffers = new ByteBuffer[Math.max(1, slots)];
    }

    @Override
    public void pair(int size) {
      allocate(0, size);
    }

    @Override
    public void allocate(int slot, int size) {
      buffers[slot] = ByteBuffer.allocateDirect(size).put(0, (byte) 1);
    }

    @Override
    public void free(int slot) {
      buffers[slot] = NONE;
    }
  }
}
