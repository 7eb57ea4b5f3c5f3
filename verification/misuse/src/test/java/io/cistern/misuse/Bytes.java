package io.cistern.misuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A view of an allocation, byte by byte, with no bounds but the view's own. */
interface Bytes {
  /** Neither a fill of {@link Stage} nor the pool's poison. */
  byte WRITTEN = 0x5A;

  /** Writes a byte, counted from the allocation's first. */
  void write(long at);

  /** Reads a byte. */
  byte read(long at);

  /** Through a segment in which the allocation starts somewhere. */
  static Bytes of(MemorySegment segment, long start) {
    return new Bytes() {
      @Override
      public void write(long at) {
        segment.set(JAVA_BYTE, start + at, WRITTEN);
      }

      @Override
      public byte read(long at) {
        return segment.get(JAVA_BYTE, start + at);
      }
    };
  }

  /** Through a buffer. */
  static Bytes of(ByteBuffer buffer) {
    return new Bytes() {
      @Override
      public void write(long at) {
        buffer.put((int) at, WRITTEN);
      }

      @Override
      public byte read(long at) {
        return buffer.get((int) at);
      }
    };
  }
}
