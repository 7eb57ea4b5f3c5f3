package io.cistern;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A recording, read and played by nothing but its description: whole lines up to the first zero
 * byte, each allocation once, freed at most once, resized only while it lives.
 *
 * @param operations lines that are no comments
 * @param peak most bytes live at a line
 * @param live sizes of what is live at the end, by id
 */
record TraceLines(List<String> operations, long peak, Map<Integer, Long> live) {
  private static final int HEADER = 4;

  static TraceLines read(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int zero = text.indexOf(0);
    String written = zero < 0 ? text : text.substring(0, zero);
    return play(
        written
            .substring(0, written.lastIndexOf('\n') + 1)
            .lines()
            .skip(HEADER)
            .filter(line -> !line.startsWith("#"))
            .toList());
  }

  private static TraceLines play(List<String> operations) {
    Map<Integer, Long> live = new HashMap<>();
    long bytes = 0;
    long peak = 0;
    int ids = 0;
    for (String line : operations) {
      String[] words = line.split(" ", -1);
      int id = Integer.parseInt(words[1]);
      if (words[0].equals("a")) {
        require(id == ids++, "ids are given in order", line);
        bytes += put(live, id, Long.parseLong(words[2]));
      } else {
        require(live.containsKey(id), "it lives", line);
        bytes -= Objects.requireNonNull(live.remove(id));
        bytes += words[0].equals("r") ? put(live, id, Long.parseLong(words[2])) : 0;
      }
      peak = Math.max(peak, bytes);
    }
    return new TraceLines(operations, peak, live);
  }

  private static long put(Map<Integer, Long> live, int id, long bytes) {
    live.put(id, bytes);
    return bytes;
  }

  private static void require(boolean condition, String what, String line) {
    if (!condition) {
      throw new AssertionError("not so: " + what + ", in line '" + line + "'");
    }
  }

  /** A figure of the header, by its line. */
  static long header(Path file, int line) throws IOException {
    String text = Files.readString(file, StandardCharsets.UTF_8);
    return Long.parseLong(text.lines().skip(line).findFirst().orElseThrow().split(" ", -1)[0]);
  }
}
