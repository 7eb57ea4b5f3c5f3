package io.cistern.concurrency.guards;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code guards.txt}, which says at its head how it is written. */
final class Guards {
  private final List<Guard> guards = new ArrayList<>();
  private @Nullable String name;
  private List<Guard.Edit> edits = new ArrayList<>();
  private List<Guard.Race> races = new ArrayList<>();
  private List<String> stress = new ArrayList<>();

  private Guards() {}

  static List<Guard> read() throws IOException {
    Guards guards = new Guards();
    try (InputStream in =
        Objects.requireNonNull(Guards.class.getResourceAsStream("/guards.txt"), "guards.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(guards::line);
    }
    guards.end();
    return guards.guards;
  }

  private void line(String line) {
    int space = line.indexOf(' ');
    String rest = line.substring(space + 1);
    switch (space < 0 ? line : line.substring(0, space)) {
      case "==" -> {
        end();
        name = rest;
      }
      case "in" -> edits.add(new Guard.Edit(rest, new ArrayList<>(), new ArrayList<>()));
      case "-" -> edits.getLast().present().add(rest);
      case "+" -> edits.getLast().instead().add(rest);
      case "race" -> races.add(race(rest.split(" : ", 2)));
      case "stress" -> stress.add(rest);
      case "", "#" -> {}
      default -> throw new IllegalStateException("guards.txt: '" + line + "'");
    }
  }

  private static Guard.Race race(String[] parts) {
    return new Guard.Race(parts[0], Pattern.compile(parts[1]));
  }

  private void end() {
    if (name != null) {
      guards.add(new Guard(name, edits, races, stress));
      edits = new ArrayList<>();
      races = new ArrayList<>();
      stress = new ArrayList<>();
    }
  }
}
