package io.cistern.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A share in percent, from 0 to 1000: {@code 25%}, {@code 25}, {@code 12.5 %}. */
final class PercentConverter implements ITypeConverter<Double> {
  private static final Pattern FORM = Pattern.compile("[0-9]{1,4}(\\.[0-9]{1,3})? ?%?");
  private static final double MOST = 1000;

  /** Gives a share of 1. */
  @Override
  public Double convert(String text) {
    double percent =
        FORM.matcher(text).matches()
            ? Double.parseDouble(text.replace("%", "").strip())
            : Double.MAX_VALUE;
    if (percent > MOST) {
      throw new TypeConversionException(
          "'%s' is not a share: give percent, such as 25%% or 12.5%%, from 0 to 1000"
              .formatted(text));
    }
    return percent / 100;
  }
}
