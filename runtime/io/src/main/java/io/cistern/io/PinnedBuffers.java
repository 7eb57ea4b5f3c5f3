package io.cistern.io;

import java.nio.ByteBuffer;

/**
 * Views of a chain's bytes whose blocks are pinned: until this is closed the memory is not handed
 * out again, even if the bytes are read or the chain is closed meanwhile. Such frees happen when
 * this is closed, and are counted as deferred. While this is open the pool cannot be closed but by
 * {@code closeNow}.
 *
 * <p>Any thread may use and close it, and read the memory, which nobody writes any more; of a
 * confined pool, its thread alone. Some 100 ns for each block, and 400 bytes of Java heap with its
 * view.
 */
public final class PinnedBuffers implements AutoCloseable {
  private final ByteBuffer[] buffers;
  private final long bytes;
  private final BlockPins pins;

  PinnedBuffers(ByteBuffer[] buffers, long bytes, BlockPins pins) {
    this.buffers = buffers;
    this.bytes = bytes;
    this.pins = pins;
  }

  /**
   * The views, as a gathering write takes them.
   *
   * @return read-only direct buffers in the order of the bytes, one for each block; a new array,
   *     but the same buffers at each call, so that their positions say what was written
   */
  public ByteBuffer[] byteBuffers() {
    return buffers.clone();
  }

  /**
   * How many bytes there were.
   *
   * @return bytes, whatever the positions of the buffers are now
   */
  public long byteSize() {
    return bytes;
  }

  /**
   * Unpins the blocks; the views must not be used any more. What was freed meanwhile is free now.
   * Closing it again does nothing.
   */
  @Override
  public void close() {
    pins.close();
  }
}
