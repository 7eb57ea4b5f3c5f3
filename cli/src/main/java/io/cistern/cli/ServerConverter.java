package io.cistern.cli;

import io.cistern.gateway.ServerKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a server, in small letters. */
final class ServerConverter implements ITypeConverter<ServerKind> {
  @Override
  public ServerKind convert(String text) {
    return Arrays.stream(ServerKind.values())
        .filter(kind -> name(kind).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'%s' is no server: give %s"
                    .formatted(
                        text,
                        Arrays.stream(ServerKind.values())
                            .map(ServerConverter::name)
                            .collect(Collectors.joining(" or ")))));
  }

  static String name(ServerKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
