package io.cistern.simulator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What a block is filled with, so that a byte of another block, of another replay, or of the same
 * block at another place is seen: word k of block b of lane l is {@code mix(l, b) + k · odd}.
 */
final class Contents {
  static final long INTACT = -1;

  private static final long ODD = 0x9e37_79b9_7f4a_7c15L;
  private static final long WORD = Long.BYTES;

  private Contents() {}

  private static long start(int lane, int block) {
    long mixed = (((long) lane << 32) | block) * ODD;
    mixed = (mixed ^ (mixed >>> 32)) * ODD;
    return mixed ^ (mixed >>> 29);
  }

  /** Fills a block. */
  static void write(MemorySegment memory, int lane, int block) {
    long word = start(lane, block);
    long whole = memory.byteSize() & -WORD;
    for (long at = 0; at < whole; at += WORD) {
      memory.set(JAVA_LONG_UNALIGNED, at, word);
      word += ODD;
    }
    for (long at = whole; at < memory.byteSize(); at++) {
      memory.set(JAVA_BYTE, at, (byte) (word >>> (8 * (at - whole))));
    }
  }

  /** Where the first {@code bytes} are not as written: an offset, or INTACT. */
  static long damage(MemorySegment memory, long bytes, int lane, int block) {
    long word = start(lane, block);
    long whole = bytes & -WORD;
    for (long at = 0; at < whole; at += WORD) {
      long wrong = memory.get(JAVA_LONG_UNALIGNED, at) ^ word;
      if (wrong != 0) {
        return at + Long.numberOfTrailingZeros(wrong) / Byte.SIZE;
      }
      word += ODD;
    }
    for (long at = whole; at < bytes; at++) {
      if (memory.get(JAVA_BYTE, at) != (byte) (word >>> (8 * (at - whole)))) {
        return at;
      }
    }
    return INTACT;
  }
}
