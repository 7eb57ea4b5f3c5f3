package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keys do to the screen. Time budget: 2 s. */
class TopViewTest {
  private static final long SECOND = 1_000_000_000;

  private final List<TopFeed.Answer> asked = new ArrayList<>();
  private final TopView view =
      new TopView(
          "process 4711 (demo)",
          Duration.ofSeconds(1),
          new Style(false, true),
          question -> {
            TopFeed.Answer answer = new TopFeed.Answer();
            asked.add(answer);
            return answer;
          });

  private List<String> lines(int height) {
    return view.lines(new TopFeed.State(TopSamples.ordinary(), 0), 0, 80, height);
  }

  @Test
  void fillsTheScreenExactly() {
    for (int height : new int[] {1, 2, 5, 8, 24, 50}) {
      assertThat(lines(height)).hasSize(height);
    }
    assertThat(lines(24)).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(lines(24).getFirst()).startsWith(" cistern top  process 4711 (demo)").hasSize(80);
    assertThat(lines(24).getLast()).startsWith(" s sort").endsWith("by used ").hasSize(80);
  }

  @Test
  void scrollsAsFarAsThereIsSomething() {
    assertThat(lines(12).getLast()).endsWith("1-5 of 15 ");
    view.press(TopKey.UP);
    assertThat(lines(12).get(5)).startsWith(" assets");
    view.press(TopKey.DOWN);
    view.press(TopKey.DOWN);
    assertThat(lines(12).get(5)).startsWith(" frames");
    view.press(TopKey.PAGE_DOWN);
    assertThat(lines(12).getLast()).endsWith("8-12 of 15 ");
    view.press(TopKey.END);
    assertThat(lines(12).get(9)).contains("Frames.take");
    view.press(TopKey.DOWN);
    view.press(TopKey.PAGE_UP);
    assertThat(lines(12).getLast()).endsWith("6-10 of 15 ");
    view.press(TopKey.HOME);
    assertThat(lines(12).getLast()).endsWith("1-5 of 15 ");
  }

  @Test
  void pagesComeWhenTheProcessAnswers() {
    view.press(TopKey.DUMP);
    assertThat(lines(24).get(2)).isEqualTo(" asking the process ...");
    assertThat(asked).hasSize(1);
    asked.getFirst().set("pool 'x'\n\tfree\033[2J");
    assertThat(lines(24).subList(2, 4)).containsExactly(" pool 'x'", "  free?[2J");
    assertThat(lines(24).getFirst()).contains("· dump");
    assertThat(view.press(TopKey.QUIT)).as("back to the table").isFalse();
    assertThat(lines(24).get(1)).startsWith(" memory");
    assertThat(view.press(TopKey.QUIT)).isTrue();
  }

  @Test
  void pausedItShowsWhatItShowed() {
    lines(24);
    view.press(TopKey.PAUSE);
    TopSample other =
        new TopSample(TopSamples.ordinary().stats(), java.util.Map.of(), true, List.of());
    List<String> still = view.lines(new TopFeed.State(other, 0), 0, 80, 24);
    assertThat(still.getFirst()).contains("PAUSED");
    assertThat(String.join("\n", still)).contains("Frames.take");
    view.press(TopKey.PAUSE);
    assertThat(String.join("\n", view.lines(new TopFeed.State(other, 0), 0, 80, 24)))
        .doesNotContain("Frames.take", "PAUSED");
  }

  @Test
  void saysWhenTheProcessDoesNotAnswer() {
    assertThat(view.lines(null, 0, 80, 24).getFirst()).endsWith("connecting ");
    TopFeed.State state = new TopFeed.State(TopSamples.ordinary(), 0);
    assertThat(view.lines(state, 3 * SECOND, 80, 24).getFirst()).doesNotContain("no answer");
    assertThat(view.lines(state, 7 * SECOND, 80, 24).getFirst()).contains("no answer for 7 s");
  }

  @ParameterizedTest
  @CsvSource({
    "s, SORT",
    "S, SORT",
    "' ', PAUSE",
    "p, PAUSE",
    "d, DUMP",
    "v, VERIFY",
    "l, LEAKS",
    "?, HELP",
    "h, HELP",
    "q, QUIT",
    "x, NONE",
    "^, BACK",
    "^[A, UP",
    "^OB, DOWN",
    "^[5~, PAGE_UP",
    "^[6~, PAGE_DOWN",
    "^[H, HOME",
    "^[4~, END",
    "^[1;5C, NONE",
    "^x, NONE",
    "^[99999999999, NONE"
  })
  void keys(String typed, TopKey key) throws IOException {
    StringBuilder left = new StringBuilder(typed.replace('^', '\033'));
    TopKey read =
        TopKey.read(
            millis -> {
              if (left.isEmpty()) {
                return TopKey.TIMEOUT;
              }
              char next = left.charAt(0);
              left.deleteCharAt(0);
              return next;
            },
            50);
    assertThat(read).isEqualTo(key);
  }

  @Test
  void noKeyIsNoKey() throws IOException {
    assertThat(TopKey.read(millis -> TopKey.TIMEOUT, 50)).isEqualTo(TopKey.NONE);
  }
}
