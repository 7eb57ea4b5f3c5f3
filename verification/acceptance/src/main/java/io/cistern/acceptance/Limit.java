package io.cistern.acceptance;

import java.util.Locale;
import java.util.Objects;

/**
 * What the figure of a check may be.
 *
 * @param relation how figure and value are compared
 * @param value the number the figure is compared with
 * @param unit unit of both, as it is printed after the number
 */
public record Limit(Relation relation, double value, String unit) {
  /** How a figure is compared with the limit's value. */
  public enum Relation {
    /** Equal. */
    EXACTLY("="),
    /** Less. */
    BELOW("<"),
    /** Less or equal. */
    AT_MOST("≤"),
    /** Greater. */
    ABOVE(">"),
    /** Greater or equal. */
    AT_LEAST("≥");

    private final String sign;

    Relation(String sign) {
      this.sign = sign;
    }

    private boolean holds(double figure, double value) {
      return switch (this) {
        case EXACTLY -> figure == value;
        case BELOW -> figure < value;
        case AT_MOST -> figure <= value;
        case ABOVE -> figure > value;
        case AT_LEAST -> figure >= value;
      };
    }
  }

  /** Checks that nothing is missing. */
  public Limit {
    Objects.requireNonNull(relation, "relation");
    Objects.requireNonNull(unit, "unit");
  }

  /**
   * The figure must be this number.
   *
   * @param value the number
   * @param unit its unit
   * @return the limit
   */
  public static Limit exactly(double value, String unit) {
    return new Limit(Relation.EXACTLY, value, unit);
  }

  /**
   * The figure must be less than this number.
   *
   * @param value the number
   * @param unit its unit
   * @return the limit
   */
  public static Limit below(double value, String unit) {
    return new Limit(Relation.BELOW, value, unit);
  }

  /**
   * The figure must not be greater than this number.
   *
   * @param value the number
   * @param unit its unit
   * @return the limit
   */
  public static Limit atMost(double value, String unit) {
    return new Limit(Relation.AT_MOST, value, unit);
  }

  /**
   * The figure must be greater than this number.
   *
   * @param value the number
   * @param unit its unit
   * @return the limit
   */
  public static Limit above(double value, String unit) {
    return new Limit(Relation.ABOVE, value, unit);
  }

  /**
   * The figure must not be less than this number.
   *
   * @param value the number
   * @param unit its unit
   * @return the limit
   */
  public static Limit atLeast(double value, String unit) {
    return new Limit(Relation.AT_LEAST, value, unit);
  }

  /**
   * Whether a figure is within the limit.
   *
   * @param figure in the limit's unit; NaN never is
   * @return true when it may be
   */
  public boolean allows(double figure) {
    return relation.holds(figure, value);
  }

  /**
   * A figure without its unit.
   *
   * @param figure in the limit's unit
   * @return whole numbers as they are, others with one digit behind the point from 10 on and three
   *     below
   */
  public String number(double figure) {
    if (figure == Math.rint(figure) && Math.abs(figure) < 1e15) {
      return Long.toString((long) figure);
    }
    int decimals = Math.abs(figure) >= 10 ? 1 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", figure);
  }

  /**
   * A figure in words.
   *
   * @param figure in the limit's unit
   * @return number and unit, like {@code 57344 B} or {@code 0.062 µs}
   */
  public String show(double figure) {
    return number(figure) + " " + unit;
  }

  /**
   * The limit without its unit.
   *
   * @return sign and number, like {@code < 100}
   */
  public String bound() {
    return relation.sign + " " + number(value);
  }

  /**
   * The limit in words.
   *
   * @return sign, number and unit, like {@code < 100 µs}
   */
  @Override
  public String toString() {
    return bound() + " " + unit;
  }
}
