package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Sets memory to zero, up to three times as fast as {@link MemorySegment#fill}: by a copy of zeroes
 * up to some kilobytes, and from there on by a loop that the JIT makes vector stores of. Figures:
 * docs/performance.md.
 */
final class Zeroes {
  private static final int WORD = Long.BYTES;
  private static final int COPY_UP_TO = 8192;

  /** Never written to. */
  private static final MemorySegment ZEROES = MemorySegment.ofArray(new long[COPY_UP_TO / WORD]);

  private Zeroes() {}

  static void fill(MemorySegment memory) {
    long size = memory.byteSize();
    if (size <= COPY_UP_TO) {
      MemorySegment.copy(ZEROES, 0, memory, 0, size);
    } else {
      loop(memory, size);
    }
  }

  /**
   * The same for memory that cannot go away meanwhile, which nobody asks: where native access is
   * allowed that is 2 ns less, and zeroes outside of the Java heap are another 2.
   */
  static void fillHeld(MemorySegment memory) {
    long size = memory.byteSize();
    MemorySegment all = Raw.ALL;
    if (all != null && size <= COPY_UP_TO) {
      MemorySegment.copy(Raw.ZEROES, 0, all, memory.address(), size);
    } else {
      fill(memory);
    }
  }

  private static final class Raw {
    static final @Nullable MemorySegment ALL = NativeAccess.everything();
    static final MemorySegment ZEROES = Arena.global().allocate(COPY_UP_TO, WORD);
  }

  private static void loop(MemorySegment memory, long size) {
    long words = size & -WORD;
    for (long at = 0; at < words; at += WORD) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, 0L);
    }
    for (long at = words; at < size; at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
    }
  }
}
