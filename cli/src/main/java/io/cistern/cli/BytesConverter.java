package io.cistern.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An amount of memory, as profiles write it: {@code 57344}, {@code 64KiB}, {@code 4 MiB}. */
final class BytesConverter implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15}) ?(?:B|(?:([KMG])(?:iB)?))?");
  private static final long MOST = 1L << 50;

  @Override
  public Long convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw refused(text);
    }
    String unit = matcher.group(2) == null ? "" : matcher.group(2);
    long factor = 1L << (10 * (1 + "KMG".indexOf(unit)));
    long number = Long.parseLong(matcher.group(1));
    long bytes = unit.isEmpty() ? number : number > MOST / factor ? 0 : number * factor;
    if (bytes < 1 || bytes > MOST) {
      throw refused(text);
    }
    return bytes;
  }

  private static TypeConversionException refused(String text) {
    return new TypeConversionException(
        "'%s' is not a size: give a whole number of bytes, or one with K, M or G, such as 57344, 64KiB or 4M, up to 1 PiB"
            .formatted(text));
  }
}
