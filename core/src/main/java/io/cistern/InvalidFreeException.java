package io.cistern;

/**
 * A free that names no live allocation of this pool. Nothing was changed: whoever owns the block
 * now still owns it.
 */
public final class InvalidFreeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the free. */
  public enum Reason {
    /** The allocation was freed before, and its block has not been handed out since. */
    DOUBLE_FREE,
    /** The allocation was freed before, and its block has had another owner since. */
    STALE,
    /** The handle, block or address is not this pool's. */
    FOREIGN,
    /**
     * The address lies inside a block, not at its start; only {@code free(MemorySegment)} can meet
     * it.
     */
    INTERIOR,
    /** The size given along with the handle is not the allocation's. */
    WRONG_SIZE
  }

  /** What is wrong with the free. */
  private final Reason reason;

  InvalidFreeException(Reason reason, String message) {
    super(reason + ": " + message);
    this.reason = reason;
  }

  /**
   * What is wrong with the free.
   *
   * @return the reason, also the first word of the message
   */
  public Reason reason() {
    return reason;
  }
}
