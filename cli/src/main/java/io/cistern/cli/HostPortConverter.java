package io.cistern.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A machine and a port: {@code localhost:9010}, {@code [::1]:9010}. */
final class HostPortConverter implements ITypeConverter<String> {
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");
  private static final int MOST = 65_535;

  @Override
  public String convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()
        || Integer.parseInt(matcher.group(2)) < 1
        || Integer.parseInt(matcher.group(2)) > MOST) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is no address: give a machine and a port from 1 to 65535, such as localhost:9010");
    }
    return text;
  }
}
