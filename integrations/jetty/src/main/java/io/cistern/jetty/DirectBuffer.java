package io.cistern.jetty;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer in a block of a pool.
 *
 * <p>The last release is no atomic operation: who reads a count of 1 is the only one with a
 * reference, as long as all release as often as they retain. Where two release at once
 * nevertheless, both find 1, both free, and the pool refuses one of them, since a {@link
 * MemoryBlock} is exact for ever; where one retains a buffer that it has no reference to while
 * another releases it, it finds a count of 0 afterwards. So the block's next owner is safe from
 * both.
 */
final class DirectBuffer extends CountedBuffer {
  private final MemoryBlock block;

  DirectBuffer(CisternByteBufferPool pool, ByteBuffer buffer, MemoryBlock block) {
    super(pool, buffer);
    this.block = block;
  }

  @Override
  boolean takeLast() {
    forgetLast();
    return true;
  }

  @Override
  void giveBack() {
    try {
      block.close();
    } catch (InvalidFreeException refused) {
      throw refused("already released: ", refused);
    }
  }

  /**
   * Has the pool count and tell of it, as of every other free that is refused. A block that is live
   * is just being freed by another thread: it is left to that one.
   */
  @Override
  @Nullable RuntimeException refusal() {
    if (!block.isLive()) {
      try {
        block.close();
      } catch (InvalidFreeException refused) {
        return refused;
      }
    }
    return null;
  }
}
