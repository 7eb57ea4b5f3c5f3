package io.cistern;

/**
 * A quota refused the request: what was asked for, with what is charged already, would have been
 * beyond its limit. Memory may well be free. The message and the accessors carry the figures as
 * they were read just after the refusal.
 */
public final class QuotaExceededException extends PoolExhaustedException {
  private static final long serialVersionUID = 1L;

  /** Which quota refused. */
  private final String path;

  /** Its limit in bytes. */
  private final long limitBytes;

  /** What was live in it, in bytes. */
  private final long usedBytes;

  /** What was to be charged, in bytes. */
  private final long requestedBytes;

  /**
   * For a refused request.
   *
   * @param figures of the quota that refused
   * @param requestedBytes what was to be charged
   * @param exhaustion the figures of the pool
   * @param waited how long the request has waited, as it goes into the message; may be empty
   */
  QuotaExceededException(
      Quota.Figures figures,
      long requestedBytes,
      PoolListener.Exhaustion exhaustion,
      String waited) {
    super(describe(figures, requestedBytes, exhaustion.pool(), waited), exhaustion);
    this.path = figures.path();
    this.limitBytes = figures.limitBytes();
    this.usedBytes = figures.usedBytes();
    this.requestedBytes = requestedBytes;
  }

  private static String describe(
      Quota.Figures figures, long requestedBytes, String pool, String waited) {
    String kept = figures.keptBytes() == 0 ? "" : figures.keptBytes() + " B kept for guarantees, ";
    return "quota '%s' of %d B: %d B asked for%s, %d B used, %s%d B left (pool '%s')"
        .formatted(
            figures.path(),
            figures.limitBytes(),
            requestedBytes,
            waited,
            figures.usedBytes(),
            kept,
            figures.leftBytes(),
            pool);
  }

  /**
   * Which quota refused.
   *
   * @return its path, as {@link Quota#path()}
   */
  public String path() {
    return path;
  }

  /**
   * The limit of the quota that refused.
   *
   * @return bytes
   */
  public long limitBytes() {
    return limitBytes;
  }

  /**
   * What was live in the quota that refused and in all below it.
   *
   * @return bytes
   */
  public long usedBytes() {
    return usedBytes;
  }

  /**
   * What was to be charged.
   *
   * @return bytes
   */
  public long requestedBytes() {
    return requestedBytes;
  }
}
