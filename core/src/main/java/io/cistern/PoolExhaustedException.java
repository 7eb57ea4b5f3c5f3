package io.cistern;

/**
 * No block that the request may take is free, or its quota refused it ({@link
 * QuotaExceededException}). The message and the accessors carry the figures of that moment.
 */
public sealed class PoolExhaustedException extends RuntimeException permits QuotaExceededException {
  private static final long serialVersionUID = 1L;

  private final transient PoolListener.Exhaustion exhaustion;

  PoolExhaustedException(PoolListener.Exhaustion exhaustion, String waited) {
    super(describe(exhaustion, waited));
    this.exhaustion = exhaustion;
  }

  /** With a message of its own. */
  PoolExhaustedException(String message, PoolListener.Exhaustion exhaustion) {
    super(message);
    this.exhaustion = exhaustion;
  }

  static String describe(PoolListener.Exhaustion exhaustion, String waited) {
    return "pool '%s' is exhausted%s: asked %d B, largest free block %d B, free %d B, used %d B, limit %d B"
        .formatted(
            exhaustion.pool(),
            waited,
            exhaustion.requestedBytes(),
            exhaustion.largestFreeBytes(),
            exhaustion.freeBytes(),
            exhaustion.usedBytes(),
            exhaustion.limitBytes());
  }

  /**
   * The figures of the refused request.
   *
   * @return never null, except in a deserialized exception
   */
  public PoolListener.Exhaustion exhaustion() {
    return exhaustion;
  }
}
