package io.cistern.simulator;

import io.cistern.simulator.TraceBuilder.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * Reads a trace and refuses what is none: the first line that is wrong ends it, with its number,
 * what was found and what is allowed.
 *
 * <pre>
 *   file      = header, operations
 *   header    = weight, ids, operations, peak live bytes      one number a line
 *             | two numbers, which are not looked at
 *   operation = "a" id bytes | "r" id bytes | "f" id          blanks between, one a line
 * </pre>
 *
 * What follows a {@code #} is a comment, and empty lines are skipped. An id names one block for
 * ever. Counts of a four-line header must be right.
 *
 * <p><b>A recording that was cut short.</b> A recorder writes its header when it is closed and
 * zeros before. So a header without a count of operations is that of a process which died: it is
 * accepted, and a last line without line feed is left out, since nobody can tell whether a size of
 * 12 was to become 128.
 */
final class TraceReader {
  private static final String HEADER =
      "must be 2 or 4 lines of one number each, then operations (docs/replay.md)";
  private static final String OPERATION = "must be 'a ID BYTES', 'r ID BYTES' or 'f ID'";
  private static final int SHOWN = 40;

  private final String file;
  private final String name;
  private final TraceLines lines;
  private final List<Count> header = new ArrayList<>();
  private final TraceBuilder trace = new TraceBuilder();
  private final List<String> notices = new ArrayList<>();

  /** A number of the header, and where it stands. */
  private record Count(long line, long value) {}

  private TraceReader(String file, String name, InputStream in) {
    this.file = file;
    this.name = name;
    this.lines = new TraceLines(in);
  }

  static Trace read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), String.valueOf(file.getFileName()), in);
    }
  }

  /**
   * Reads from a stream.
   *
   * @param file for messages
   * @param name of the trace
   */
  static Trace read(String file, String name, InputStream in) throws IOException {
    return new TraceReader(file, name, in).read();
  }

  private Trace read() throws IOException {
    boolean inHeader = true;
    while (lines.next()) {
      String text = lines.text();
      if (lines.isOverlong()) {
        throw refuse(
            show(text), "a line must have at most " + TraceLines.LONGEST + " B before its comment");
      }
      if (!text.isEmpty()) {
        if (inHeader && !isDigit(text.charAt(0))) {
          checkHeaderLength();
          inHeader = false;
        }
        if (inHeader) {
          header(text);
        } else if (lines.isFinished() || !isCutShort()) {
          operation(text);
        } else {
          notices.add(
              "%s:%d: %s: left out, the recording was cut short in this line"
                  .formatted(file, lines.number(), show(text)));
        }
      }
    }
    checkHeaderLength();
    checkCounts();
    return new Trace(name, trace, notices);
  }

  private void header(String text) {
    if (header.size() == 4) {
      throw refuse("5 lines with one number", HEADER);
    }
    long value = number(text, "header line " + (header.size() + 1), 0, Long.MAX_VALUE);
    header.add(new Count(lines.number(), value));
  }

  private void checkHeaderLength() {
    if (header.size() != 2 && header.size() != 4) {
      throw refuse("a header of %d lines".formatted(header.size()), HEADER);
    }
  }

  private void operation(String text) {
    if (trace.isFull()) {
      throw refuse("one more operation", "must be at most %d".formatted(trace.operations()));
    }
    StringTokenizer words = new StringTokenizer(text, " \t");
    String kind = words.nextToken();
    int expected = kind.equals("f") ? 1 : 2;
    if (!"arf".contains(kind) || kind.length() != 1 || words.countTokens() != expected) {
      throw refuse(show(text), OPERATION);
    }
    long id = number(words.nextToken(), "id", 0, Long.MAX_VALUE);
    check(
        id,
        switch (kind) {
          case "a" -> trace.allocate(id, size(words.nextToken()));
          case "r" -> trace.resize(id, size(words.nextToken()));
          default -> trace.free(id);
        });
  }

  private int size(String word) {
    return (int) number(word, "size", 0, Trace.MAX_SIZE);
  }

  private void check(long id, Refusal refusal) {
    switch (refusal) {
      case NONE -> {}
      case LIVE_ID_USED_AGAIN ->
          throw refuse("id %d is allocated and live".formatted(id), "an id must be used once");
      case FREED_ID_USED_AGAIN ->
          throw refuse("id %d was allocated and freed".formatted(id), "an id must be used once");
      case UNKNOWN_ID ->
          throw refuse("id %d was never allocated".formatted(id), "must be a live id");
      case FREED_ID -> throw refuse("id %d is freed already".formatted(id), "must be a live id");
    }
  }

  private long number(String word, String what, long least, long most) {
    long value = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (!isDigit(c) || value > (most - (c - '0')) / 10) {
        value = -1;
        break;
      }
      value = value * 10 + c - '0';
    }
    if (value < least) {
      throw refuse(
          what + " " + show(word), "must be a whole number from %d to %d".formatted(least, most));
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether the header is that of a recording whose process died. */
  private boolean isCutShort() {
    return header.getLast().value() == 0 && header.get(header.size() / 2).value() == 0;
  }

  private void checkCounts() {
    if (header.size() == 4 && !isCutShort()) {
      checkCount(header.get(1), trace.blockCount(), "ids");
      checkCount(header.get(2), trace.operations(), "operations");
      checkPeak(header.get(3), trace.peakLiveBytes());
    }
  }

  private void checkCount(Count announced, long found, String what) {
    if (announced.value() != found) {
      throw new TraceException(
          file,
          announced.line(),
          "the header announces %d %s".formatted(announced.value(), what),
          "must be %d, as many as the file has".formatted(found));
    }
  }

  /** Not a count, and other tools put other things into this line: worth a word, not a refusal. */
  private void checkPeak(Count announced, long found) {
    if (announced.value() != found) {
      notices.add(
          "%s:%d: the header announces a peak of %d live bytes, the operations have one of %d"
              .formatted(file, announced.line(), announced.value(), found));
    }
  }

  private TraceException refuse(String found, String allowed) {
    return new TraceException(file, lines.number(), found, allowed);
  }

  /** What was found, in quotes, cut, and without what would upset a terminal. */
  private static String show(String text) {
    String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    return "'" + cut.replaceAll("[^\\x20-\\x7e]", "?") + "'";
  }
}
