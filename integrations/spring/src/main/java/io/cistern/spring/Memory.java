package io.cistern.spring;

import io.cistern.MemoryBlock;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A block and the buffers it was split into. It is free again when all of them have let go:
 *
 * <pre>
 * parts = 1 + splits - parts let go
 * views = views given out - views given back;   slices and byte buffers are never given back
 * </pre>
 *
 * Whoever lets go does so exactly once ({@link References}), so the block is closed exactly once. A
 * buffer that grows elsewhere keeps memory of which there are views.
 */
final class Memory {
  /** No bytes: what a buffer of capacity 0 has. */
  static final Memory NONE = new Memory(null, ByteBuffer.allocate(0));

  private static final AtomicIntegerFieldUpdater<Memory> PARTS =
      AtomicIntegerFieldUpdater.newUpdater(Memory.class, "parts");
  private static final AtomicIntegerFieldUpdater<Memory> VIEWS =
      AtomicIntegerFieldUpdater.newUpdater(Memory.class, "views");

  private final @Nullable MemoryBlock block;
  private volatile ByteBuffer bytes;

  @SuppressWarnings("UnusedVariable") // PARTS does
  private volatile int parts = 1;

  private volatile int views;

  /** The block is null for memory of somebody else's. */
  Memory(@Nullable MemoryBlock block, ByteBuffer bytes) {
    this.block = block;
    this.bytes = bytes;
  }

  /** All of it, from 0 to its capacity; not to be moved about, since all parts share it. */
  ByteBuffer bytes() {
    return bytes;
  }

  boolean isBlock() {
    return block != null;
  }

  /** One part more. */
  void share() {
    PARTS.getAndIncrement(this);
  }

  /** One part less; the last one frees the block. */
  void letGo() {
    if (PARTS.decrementAndGet(this) == 0 && block != null) {
      block.close();
    }
  }

  /** Somebody looks at it who does not look again when the buffer grows. */
  void lend() {
    VIEWS.getAndIncrement(this);
  }

  /** Somebody does not look at it any more. */
  void takeBack() {
    VIEWS.getAndDecrement(this);
  }

  boolean isLent() {
    return views > 0;
  }

  /**
   * Tries to make the block longer where it lies. Views and parts stay as they are.
   *
   * @return false when there is no room
   */
  boolean grow(int capacity) {
    if (block == null || !block.tryResize(capacity)) {
      return false;
    }
    bytes = block.byteBuffer();
    return true;
  }
}
