package io.cistern.io;

import io.cistern.Pin;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a chain that are pinned together: all or none. Closed by any thread, once or more
 * often.
 */
final class BlockPins implements AutoCloseable {
  private final AtomicReference<Pin @Nullable []> pins;

  private BlockPins(Pin[] pins) {
    this.pins = new AtomicReference<>(pins);
  }

  /**
   * Pins so many blocks from one on.
   *
   * @throws IllegalStateException when one was freed by somebody else; then none is pinned
   */
  static BlockPins of(BlockRing blocks, int from, int count) {
    Pin[] pins = new Pin[count];
    int taken = 0;
    try {
      while (taken < count) {
        pins[taken] = blocks.block(from + taken).pin();
        taken++;
      }
    } finally {
      if (taken < count) {
        unpin(Arrays.copyOf(pins, taken));
      }
    }
    return new BlockPins(pins);
  }

  @Override
  public void close() {
    Pin[] now = pins.getAndSet(null);
    if (now != null) {
      unpin(now);
    }
  }

  private static void unpin(Pin[] pins) {
    for (Pin pin : pins) {
      pin.close();
    }
  }
}
