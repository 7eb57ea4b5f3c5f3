package io.cistern;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

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

  Pin(BlockSource source, int index, long word) {
    this.source = source;
    this.index = index;
    this.word = word;
    this.memory = source.segment(index, source.checkedSize(index, word));
    if (!source.pin(index, word)) {
      throw source.notLive(index, word);
    }
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

  /**
   * The memory is not used any more. The last pin of a block that was freed meanwhile frees it.
   *
   * @throws IllegalStateException when the pin was closed before; nothing is changed
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "the pin of "
              + source.describe(index, io.cistern.internal.Blocks.generation(word))
              + " was closed before");
    }
    source.unpin(index);
  }
}
