package io.cistern;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An owner's mark on every byte of its block. Two owners of one byte, a block that overlaps its
 * neighbour, or memory zeroed under its owner are seen by {@link #check}.
 */
final class Tag {
  private Tag() {}

  static void write(MemorySegment block, long owner) {
    for (long i = 0; i < block.byteSize(); i++) {
      block.set(ValueLayout.JAVA_BYTE, i, expected(owner, i));
    }
  }

  static void check(MemorySegment block, long owner) {
    for (long i = 0; i < block.byteSize(); i++) {
      byte found = block.get(ValueLayout.JAVA_BYTE, i);
      if (found != expected(owner, i)) {
        throw new AssertionError(
            "byte %d of %d at 0x%x is 0x%02x but its owner 0x%x wrote 0x%02x"
                .formatted(i, block.byteSize(), block.address(), found, owner, expected(owner, i)));
      }
    }
  }

  /** Never 0, so that zeroed memory is no owner's. */
  private static byte expected(long owner, long position) {
    long mixed = (owner + position) * 0x9E37_79B9_7F4A_7C15L;
    return (byte) (mixed >>> 56 | 1);
  }
}
