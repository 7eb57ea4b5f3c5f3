package io.cistern.io;

/**
 * More was to be added to a chain than it may hold; nothing was added. The message carries the
 * figures of that moment. A pool without a free block is something else: {@link
 * io.cistern.PoolExhaustedException}.
 */
public final class ChainFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What was to be added. */
  private final long requestedBytes;

  /** What the chain held. */
  private final long heldBytes;

  /** What it may hold. */
  private final long mostBytes;

  ChainFullException(String what, long requestedBytes, long heldBytes, long mostBytes) {
    super(
        "%s is full: asked %d B, holds %d B, limit %d B"
            .formatted(what, requestedBytes, heldBytes, mostBytes));
    this.requestedBytes = requestedBytes;
    this.heldBytes = heldBytes;
    this.mostBytes = mostBytes;
  }

  /**
   * What was to be added.
   *
   * @return bytes
   */
  public long requestedBytes() {
    return requestedBytes;
  }

  /**
   * What the chain held.
   *
   * @return bytes that were not read yet
   */
  public long heldBytes() {
    return heldBytes;
  }

  /**
   * What the chain may hold.
   *
   * @return bytes
   */
  public long mostBytes() {
    return mostBytes;
  }
}
