package io.cistern.cli;

import java.io.IOException;
import java.util.Map;

/** What a person can press. Arrows and their like come as sequences that begin with an escape. */
enum TopKey {
  SORT,
  PAUSE,
  DUMP,
  VERIFY,
  LEAKS,
  HELP,
  QUIT,
  /** Escape by itself: back. */
  BACK,
  UP,
  DOWN,
  PAGE_UP,
  PAGE_DOWN,
  HOME,
  END,
  /** Nothing was pressed, or nothing that means anything. */
  NONE;

  /** No key in time, as JLine's readers say it. */
  static final int TIMEOUT = -2;

  private static final int ESCAPE = 27;
  private static final long SEQUENCE_MILLIS = 50;
  private static final int LONGEST = 8;

  private static final Map<Character, TopKey> LETTERS =
      Map.of(
          's', SORT, 'p', PAUSE, ' ', PAUSE, 'd', DUMP, 'v', VERIFY, 'l', LEAKS, 'h', HELP, '?',
          HELP, 'q', QUIT);

  private static final Map<String, TopKey> SEQUENCES =
      Map.ofEntries(
          Map.entry("A", UP),
          Map.entry("B", DOWN),
          Map.entry("H", HOME),
          Map.entry("F", END),
          Map.entry("1~", HOME),
          Map.entry("4~", END),
          Map.entry("5~", PAGE_UP),
          Map.entry("6~", PAGE_DOWN));

  /** Where characters come from. */
  interface Source {
    /**
     * The next character.
     *
     * @return negative when there is none in this time
     */
    int read(long millis) throws IOException;
  }

  /** The next key, waited for so long. */
  static TopKey read(Source source, long millis) throws IOException {
    int first = source.read(millis);
    if (first < 0) {
      return NONE;
    }
    if (first != ESCAPE) {
      return LETTERS.getOrDefault((char) Character.toLowerCase(first), NONE);
    }
    int second = source.read(SEQUENCE_MILLIS);
    return second < 0 ? BACK : second == '[' || second == 'O' ? sequence(source) : NONE;
  }

  private static TopKey sequence(Source source) throws IOException {
    StringBuilder sequence = new StringBuilder();
    while (sequence.length() < LONGEST) {
      int next = source.read(SEQUENCE_MILLIS);
      if (next < 0) {
        return NONE;
      }
      sequence.append((char) next);
      if (next == '~' || Character.isLetter(next)) {
        return SEQUENCES.getOrDefault(sequence.toString(), NONE);
      }
    }
    return NONE;
  }
}
