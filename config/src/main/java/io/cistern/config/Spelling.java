package io.cistern.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Guesses which word was meant by one that is not known. */
final class Spelling {
  /** Two typing errors; more is another word. */
  private static final int CLOSE = 2;

  private Spelling() {}

  /** {@code ". Did you mean 'spill'?"}, or a full stop when no known word is close. */
  static String hint(String word, Collection<String> known) {
    return known.stream()
        .filter(candidate -> distance(word, candidate) <= Math.min(CLOSE, candidate.length() - 1))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
        .map(". Did you mean '%s'?"::formatted)
        .orElse(".");
  }

  /** Levenshtein's distance, upper and lower case being equal. Two rows of the table are kept. */
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int i = 0; i < row.length; i++) {
      row[i] = i;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j - 1], row[j]));
      }
    }
    return row[b.length()];
  }
}
