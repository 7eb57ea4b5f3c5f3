package io.cistern.cli;

import io.cistern.jdk.PoolManagerMXBean;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is on the screen: the table, or a page of text over it, each scrolled to somewhere. Knows
 * keys and lines, and nothing of terminals.
 *
 * <pre>
 * title                       1 line
 * state of the whole          2 lines
 * ───────────────────
 * heads of the columns        1 line
 * table, scrolled             all the rest
 * ───────────────────
 * keys, and where one is      1 line
 * </pre>
 */
final class TopView {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final String KEYS = " s sort  p pause  d dump  v verify  l leaks  h help  q quit";
  private static final String PAGE_KEYS = " arrows, page up, page down: scroll   q back";
  private static final Duration STALE = Duration.ofSeconds(2);

  static final String HELP =
      """
      s         sort pools: by share used, by allocations, by failed requests, by name
      p, space  pause the screen; the process is not touched
      d         the state dumps of all pools
      v         verify: a walk over everything, takes time in proportion to the blocks
      l         leak report: who holds blocks for 10 seconds or more
      h, ?      this page
      arrows    scroll; page up, page down, home, end
      q         back from a page; from the table: quit. Ctrl-C quits, too

      memory    used bytes of all blocks, in whole blocks; B, K, M, G are powers of 1024
      bars      what is used: green, yellow when LOW, red when CRITICAL; the mark is the peak
      /s        in the second before; what happened at all is at least 1
      fail      requests that found no block      spill  served by a larger tier
      quotas    used, limit, peak; refused: requests that the quota itself refused
      labels    live bytes, live blocks
      sites     places in the program whose blocks are live, from a sample of the allocations:
                bytes and blocks are estimates where the sample stands for the rest
      """;

  private final String target;
  private final Duration interval;
  private final Style style;
  private final Function<Function<PoolManagerMXBean, String>, TopFeed.Answer> ask;

  private TopSort sort = TopSort.USED;
  private @Nullable TopSample shown;
  private boolean paused;
  private int scroll;
  private @Nullable Page page;
  private int rows = 1;
  private int size = 1;

  /** Text over the table. */
  private record Page(String title, TopFeed.@Nullable Answer answer) {
    List<String> lines() {
      String text = answer == null ? HELP : answer.text();
      return text == null
          ? List.of(" asking the process ...")
          : text.lines().map(line -> " " + Printable.of(line)).toList();
    }
  }

  /**
   * A view of a process.
   *
   * @param ask brings a question to the process
   */
  TopView(
      String target,
      Duration interval,
      Style style,
      Function<Function<PoolManagerMXBean, String>, TopFeed.Answer> ask) {
    this.target = target;
    this.interval = interval;
    this.style = style;
    this.ask = ask;
  }

  /** What a key does; whether that is the end. */
  boolean press(TopKey key) {
    switch (key) {
      case SORT -> sort = sort.next();
      case PAUSE -> paused = !paused;
      case DUMP -> open("dump", ask.apply(PoolManagerMXBean::dump));
      case VERIFY -> open("verify", ask.apply(PoolManagerMXBean::verify));
      case LEAKS -> open("live for 10 s or more", ask.apply(bean -> bean.leakReport(10)));
      case HELP -> open("help", null);
      case UP -> scroll--;
      case DOWN -> scroll++;
      case PAGE_UP -> scroll -= rows;
      case PAGE_DOWN -> scroll += rows;
      case HOME -> scroll = 0;
      case END -> scroll = size;
      case BACK -> closePage();
      case QUIT -> {
        return !closePage();
      }
      case NONE -> {}
    }
    scroll = Math.clamp(scroll, 0, Math.max(0, size - rows));
    return false;
  }

  private void open(String title, TopFeed.@Nullable Answer answer) {
    page = new Page(title, answer);
    scroll = 0;
  }

  private boolean closePage() {
    boolean was = page != null;
    page = null;
    scroll = was ? 0 : scroll;
    return was;
  }

  /** The whole screen, of exactly this height. */
  List<String> lines(TopFeed.@Nullable State state, long nanos, int width, int height) {
    if (state != null && (shown == null || !paused)) {
      shown = state.sample();
    }
    TopTable table = new TopTable(style, width);
    List<String> lines = new ArrayList<>();
    lines.add(title(state, nanos, width));
    List<String> body = List.of();
    if (page != null) {
      lines.add(style.rule(width));
      body = page.lines();
    } else if (shown != null) {
      lines.addAll(table.head(shown));
      lines.add(style.rule(width));
      lines.add(table.columns(shown.perSecond()));
      body = table.body(shown, sort);
    }
    rows = Math.max(1, height - lines.size() - 2);
    window(body, lines);
    while (lines.size() < height - 2) {
      lines.add("");
    }
    lines.add(style.rule(width));
    lines.add(foot(width));
    return lines.subList(0, Math.min(height, lines.size()));
  }

  private void window(List<String> body, List<String> lines) {
    size = body.size();
    scroll = Math.clamp(scroll, 0, Math.max(0, size - rows));
    lines.addAll(body.subList(scroll, Math.min(body.size(), scroll + rows)));
  }

  private String title(TopFeed.@Nullable State state, long nanos, int width) {
    String what = page == null ? "" : " · " + page.title();
    String right = paused ? " PAUSED " : " ";
    if (state == null) {
      right += "connecting ";
    } else if (nanos - state.nanos() > interval.plus(STALE).toNanos()) {
      right += "no answer for %d s ".formatted((nanos - state.nanos()) / 1_000_000_000);
    }
    if (shown != null) {
      right +=
          CLOCK.format(
                  Instant.ofEpochMilli(shown.stats().timeMillis()).atZone(ZoneId.systemDefault()))
              + " ";
    }
    String name = "cistern top";
    int room = Math.max(0, width - name.length() - right.length() - 3);
    return " "
        + style.bold(name)
        + "  "
        + style.column(room, Printable.of(target) + what)
        + (paused ? style.bold(right) : right);
  }

  private String foot(int width) {
    String keys = page == null ? KEYS : PAGE_KEYS;
    String where = page == null ? "by " + sort.name().toLowerCase(Locale.ROOT) + " " : "";
    if (size > rows) {
      where += "%d-%d of %d ".formatted(scroll + 1, Math.min(size, scroll + rows), size);
    }
    return style.dim(style.column(Math.max(0, width - where.length()), keys) + where);
  }
}
