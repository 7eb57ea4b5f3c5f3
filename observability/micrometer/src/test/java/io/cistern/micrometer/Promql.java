package io.cistern.micrometer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of a PromQL expression as can be checked against a scrape: which metrics it reads, by
 * which labels, and through which functions. Whether it is well-formed is Prometheus's to say.
 *
 * @param selectors what is read
 * @param groups labels that results keep, by {@code by (…)}
 */
record Promql(List<Selector> selectors, Set<String> groups) {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s+|\"[^\"]*\"|[0-9]+(\\.[0-9]+)?[a-z]*|\\$[a-z_]+|[a-zA-Z_:][a-zA-Z0-9_:]*|[<>=!]=|=~|!~|.");
  private static final Set<String> OPERATORS =
      Set.of("and", "or", "unless", "bool", "on", "ignoring");
  private static final Set<String> FUNCTIONS =
      Set.of("sum", "max", "min", "avg", "rate", "increase", "delta", "label_values");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)(=~|!=|!~|=)\"([^\"]*)\"");

  /**
   * One metric that is read.
   *
   * @param labels values by which it is chosen, by label; those of regular expressions too
   * @param function that it is handed to; empty for none
   */
  record Selector(String metric, Map<String, String> labels, String function) {}

  static Promql of(String expression) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(expression);
    while (matcher.find()) {
      if (!matcher.group().isBlank()) {
        tokens.add(matcher.group());
      }
    }
    Promql query = new Promql(new ArrayList<>(), new HashSet<>());
    for (int at = 0; at < tokens.size(); at++) {
      at = query.read(tokens, at);
    }
    return query;
  }

  /** Where what begins at a token ends. */
  private int read(List<String> tokens, int at) {
    String token = tokens.get(at);
    if (!Character.isLetter(token.charAt(0)) || OPERATORS.contains(token)) {
      return at;
    }
    int close = tokens.subList(at, tokens.size()).indexOf(")") + at;
    if (token.equals("by")) {
      tokens.subList(at + 2, close).stream().filter(t -> !t.equals(",")).forEach(groups::add);
      return close;
    }
    if (FUNCTIONS.contains(token)) {
      return at;
    }
    int end = at;
    String labels = "";
    if (at + 1 < tokens.size() && tokens.get(at + 1).equals("{")) {
      end = tokens.subList(at, tokens.size()).indexOf("}") + at;
      labels = String.join("", tokens.subList(at + 2, end));
    }
    selectors.add(new Selector(token, matchers(labels), function(tokens, at)));
    return end;
  }

  private static String function(List<String> tokens, int at) {
    return at >= 2 && tokens.get(at - 1).equals("(") && FUNCTIONS.contains(tokens.get(at - 2))
        ? tokens.get(at - 2)
        : "";
  }

  private static Map<String, String> matchers(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher matcher = MATCHER.matcher(text);
    while (matcher.find()) {
      labels.put(matcher.group(1), matcher.group(3));
    }
    return labels;
  }
}
