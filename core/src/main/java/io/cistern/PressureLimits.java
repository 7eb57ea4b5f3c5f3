package io.cistern;

/**
 * The thresholds of three readings, each of which has a {@link PressureLevel} of its own; the level
 * of the whole is the highest of them. Upwards at a threshold at once, downwards with a hysteresis,
 * so that a value that trembles at a threshold is told once and not without end:
 *
 * <pre>
 * reading           raised when            kept while                        0
 * used percent      value &gt;= threshold     value &gt; threshold - hysteresis    nothing used is NORMAL
 * fragmentation     value &gt;= threshold     value &gt; threshold - hysteresis    not fragmented is NORMAL
 * free bytes        value &lt;  threshold     value &lt; threshold * 1.1           a threshold of 0 is never met
 * </pre>
 *
 * Fragmentation is looked at in regions of variable size only: blocks of one size cannot fragment.
 *
 * <p>Immutable, so it can be read and replaced by any threads at any time.
 *
 * @param lowUsedPercent use at which memory is {@link PressureLevel#LOW}
 * @param criticalUsedPercent use at which it is {@link PressureLevel#CRITICAL}
 * @param lowFreeBytes free bytes below which memory is LOW; 0 when they are not watched
 * @param criticalFreeBytes free bytes below which it is CRITICAL; 0 when they are not watched
 * @param lowFragmentationPercent external fragmentation at which a region is LOW
 * @param criticalFragmentationPercent external fragmentation at which it is CRITICAL
 * @param hysteresisPercent percent points by which use and fragmentation must fall below a
 *     threshold before its level is left
 */
public record PressureLimits(
    double lowUsedPercent,
    double criticalUsedPercent,
    long lowFreeBytes,
    long criticalFreeBytes,
    double lowFragmentationPercent,
    double criticalFragmentationPercent,
    double hysteresisPercent) {
  private static final int FREE_HYSTERESIS_DIVISOR = 10;
  private static final double MOST_HYSTERESIS_PERCENT = 50;

  private static final PressureLimits DEFAULTS = new PressureLimits(80, 95, 0, 0, 70, 85, 5);

  /**
   * Refuses thresholds that are not in order.
   *
   * @throws IllegalArgumentException when a percentage is not in 0 &lt; low &lt; critical &lt;=
   *     100, free bytes are not in 0 &lt;= critical &lt;= low, or the hysteresis is not from 0 to
   *     50
   */
  public PressureLimits {
    checkPercents("used", lowUsedPercent, criticalUsedPercent);
    checkPercents("fragmentation", lowFragmentationPercent, criticalFragmentationPercent);
    if (criticalFreeBytes < 0 || criticalFreeBytes > lowFreeBytes) {
      throw new IllegalArgumentException(
          "free thresholds of %d B and %d B: 0 <= critical <= low is needed"
              .formatted(lowFreeBytes, criticalFreeBytes));
    }
    if (!(hysteresisPercent >= 0 && hysteresisPercent <= MOST_HYSTERESIS_PERCENT)) {
      throw new IllegalArgumentException(
          "hysteresis of %s %%: 0 to 50 percent points are possible".formatted(hysteresisPercent));
    }
  }

  private static void checkPercents(String reading, double low, double critical) {
    if (!(low > 0 && low < critical && critical <= 100)) {
      throw new IllegalArgumentException(
          "%s thresholds of %s %% and %s %%: 0 < low < critical <= 100 is needed"
              .formatted(reading, low, critical));
    }
  }

  /**
   * What holds where nothing else is said.
   *
   * @return used 80 % and 95 %, free bytes not watched, fragmentation 70 % and 85 %, a hysteresis
   *     of 5 percent points
   */
  public static PressureLimits defaults() {
    return DEFAULTS;
  }

  /**
   * With other thresholds for use.
   *
   * @param low percent, above 0
   * @param critical percent, above {@code low}, at most 100
   * @return a copy
   * @throws IllegalArgumentException when they are not in this order
   */
  public PressureLimits withUsedPercent(double low, double critical) {
    return new PressureLimits(
        low,
        critical,
        lowFreeBytes,
        criticalFreeBytes,
        lowFragmentationPercent,
        criticalFragmentationPercent,
        hysteresisPercent);
  }

  /**
   * With other thresholds for free bytes. A level is left when 10 % more than its threshold is
   * free.
   *
   * @param low bytes, at least {@code critical}; 0 when they shall not be watched
   * @param critical bytes, at least 0
   * @return a copy
   * @throws IllegalArgumentException when they are not in this order
   */
  public PressureLimits withFreeBytes(long low, long critical) {
    return new PressureLimits(
        lowUsedPercent,
        criticalUsedPercent,
        low,
        critical,
        lowFragmentationPercent,
        criticalFragmentationPercent,
        hysteresisPercent);
  }

  /**
   * With other thresholds for fragmentation.
   *
   * @param low percent, above 0
   * @param critical percent, above {@code low}, at most 100
   * @return a copy
   * @throws IllegalArgumentException when they are not in this order
   */
  public PressureLimits withFragmentationPercent(double low, double critical) {
    return new PressureLimits(
        lowUsedPercent,
        criticalUsedPercent,
        lowFreeBytes,
        criticalFreeBytes,
        low,
        critical,
        hysteresisPercent);
  }

  /**
   * With another hysteresis for use and fragmentation.
   *
   * @param points percent points, 0 to 50
   * @return a copy
   * @throws IllegalArgumentException when it is outside of these bounds
   */
  public PressureLimits withHysteresisPercent(double points) {
    return new PressureLimits(
        lowUsedPercent,
        criticalUsedPercent,
        lowFreeBytes,
        criticalFreeBytes,
        lowFragmentationPercent,
        criticalFragmentationPercent,
        points);
  }

  /** The level of use; percents times the total are exact where a quotient would be rounded. */
  PressureLevel used(PressureLevel before, long usedBytes, long totalBytes) {
    return rising(
        before,
        100.0 * usedBytes,
        lowUsedPercent * totalBytes,
        criticalUsedPercent * totalBytes,
        hysteresisPercent * totalBytes);
  }

  /** The level of a fragmentation in percent. */
  PressureLevel fragmentation(PressureLevel before, double percent) {
    return rising(
        before, percent, lowFragmentationPercent, criticalFragmentationPercent, hysteresisPercent);
  }

  /** The level of free bytes. */
  PressureLevel free(PressureLevel before, long freeBytes) {
    if (isShort(freeBytes, criticalFreeBytes, before == PressureLevel.CRITICAL)) {
      return PressureLevel.CRITICAL;
    }
    return isShort(freeBytes, lowFreeBytes, before != PressureLevel.NORMAL)
        ? PressureLevel.LOW
        : PressureLevel.NORMAL;
  }

  private static boolean isShort(long free, long threshold, boolean held) {
    long more = held ? threshold / FREE_HYSTERESIS_DIVISOR : 0;
    return free < threshold || (free - threshold < more && threshold > 0);
  }

  private static PressureLevel rising(
      PressureLevel before, double value, double low, double critical, double hysteresis) {
    if (value <= 0) {
      return PressureLevel.NORMAL;
    }
    if (value >= critical || (before == PressureLevel.CRITICAL && value > critical - hysteresis)) {
      return PressureLevel.CRITICAL;
    }
    return value >= low || (before != PressureLevel.NORMAL && value > low - hysteresis)
        ? PressureLevel.LOW
        : PressureLevel.NORMAL;
  }
}
