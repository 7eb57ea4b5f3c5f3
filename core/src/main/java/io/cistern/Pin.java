package io.cistern;

import io.cistern.internal.Blocks;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a block's memory while others than its owner use it: I/O that is under way, or native code.
 * A free of a pinned block is put off to the close of its last pin, counted and told ({@link
 * PoolListener#onFreeDeferred}); {@link MemoryPool#closeNow()} leaves the memory until then.
 *
 * {@snippet :
 * Pin pin = block.pin();
 * channel.write(pin.segment().asByteBuffer(), null, handler); // which closes the pin
 * block.close(); // done when the write is
 * }
 *
 * <p>Thread-safe; of a confined pool for its thread alone.
 */
public final class Pin implements AutoCloseable {
  private final BlockSource source;
  private final int index;
  private final long word;
  private final MemorySegment memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Pin(BlockSource source, int index, long word, MemorySegment memory) {
    this.source = source;
    this.index = index;
    this.word = word;
    this.memory = memory;
  }

  /** Null when the allocation is not live. */
  static @Nullable Pin of(BlockSource source, int index, long word) {
    int size = source.liveSize(index, word);
    return size >= 0 && source.pin(index, word)
        ? new Pin(source, index, word, source.segment(index, size))
        : null;
  }

  /**
   * The block's memory, as long as what was asked for when it was pinned.
   *
   * @return a segment that may be used until the pin is closed
   * @throws IllegalStateException when the pin is closed
   */
  public MemorySegment segment() {
    if (closed.get()) {
      throw new IllegalStateException("the pin is closed");
    }
    return memory;
  }

  @Override
  public String toString() {
    return "pin of %s, %s"
        .formatted(
            source.describe(index, Blocks.generation(word)), closed.get() ? "closed" : "open");
  }

  /**
   * The memory is not used any more. The last pin of a block that was freed meanwhile frees it.
   *
   * @throws IllegalStateException when the pin was closed before, or the block is to be freed now
   *     and I/O is still under way on a segment that dies with it: nothing is changed, and the pin
   *     can be closed again
   * @throws WrongThreadException of a confined pool, when another thread does; nothing is changed
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "the pin of " + source.describe(index, Blocks.generation(word)) + " was closed before");
    }
    boolean done = false;
    try {
      source.unpin(index);
      done = true;
    } finally {
      if (!done) {
        closed.set(false);
      }
    }
  }
}
