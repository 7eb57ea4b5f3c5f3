package io.cistern.misuse;

import io.cistern.MemoryBlock;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A live allocation and all the names and views that a program may keep of it for too long.
 *
 * @param block the allocation
 * @param handle its handle
 * @param segment a segment, taken while it is live
 * @param slice 100 bytes from the middle of that segment
 * @param buffer a buffer, taken while it is live
 * @param address where it starts
 */
record Victim(
    MemoryBlock block,
    long handle,
    MemorySegment segment,
    MemorySegment slice,
    ByteBuffer buffer,
    long address) {
  static final int SIZE = 200;
  static final int SLICE_AT = 50;
  static final int SLICE_SIZE = 100;

  static Victim of(MemoryBlock block) {
    MemorySegment segment = block.segment();
    return new Victim(
        block,
        block.handle(),
        segment,
        segment.asSlice(SLICE_AT, SLICE_SIZE),
        block.byteBuffer(),
        segment.address());
  }
}
