package io.cistern.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a trace file may hold, and every way in which it may not. Time budget: 3 s. */
class TraceReaderTest {
  private static List<String> operations(Trace trace) {
    List<String> operations = new ArrayList<>();
    for (int i = 0; i < trace.operations(); i++) {
      int size = trace.size(i);
      String kind = size > 0 ? "a" : size == 0 ? "f" : "r";
      operations.add(
          kind + " " + trace.block(i) + (size == 0 ? "" : " " + Math.abs(trace.size(i))));
    }
    return operations;
  }

  private static String file(Trace trace) {
    return "1\n%d\n%d\n%d\n%s\n"
        .formatted(
            trace.blocks(),
            trace.operations(),
            trace.peakLiveBytes(),
            String.join("\n", operations(trace)));
  }

  @Test
  void fourLinesOfHeader() {
    Trace trace = Samples.parse("1\n2\n5\n300\na 7 100\na 9 200\nr 7 50\nf 9\nf 7\n");
    assertThat(operations(trace)).containsExactly("a 0 100", "a 1 200", "r 0 50", "f 1", "f 0");
    assertThat(trace.blocks()).isEqualTo(2);
    assertThat(trace.peakLiveBytes()).isEqualTo(300);
    assertThat(trace.peakLiveBlocks()).isEqualTo(2);
    assertThat(trace.largestSize()).isEqualTo(200);
    assertThat(trace.notices()).isEmpty();
    assertThat(trace).hasToString("made.rep: 5 operations on 2 blocks, peak 300 B");
  }

  @Test
  void twoLinesOfHeaderAreNotLookedAt() {
    assertThat(operations(Samples.parse("99\n77\na 0 1\n"))).containsExactly("a 0 1");
  }

  @Test
  void commentsBlanksAndLineEnds() {
    Trace trace =
        Samples.parse(
            "# a recording\r\n1 # weight\n1\n3\n\t10\n\n  a\t5  10 # 12:00:01 label=\u00e9 "
                + "x".repeat(5000)
                + "\n#\nr 5 8\r\nf 5");
    assertThat(operations(trace)).containsExactly("a 0 10", "r 0 8", "f 0");
    assertThat(trace.notices()).isEmpty();
  }

  @Test
  void nothingAtAllHappened() {
    Trace trace = Samples.parse("1\n0\n0\n0\n");
    assertThat(trace.operations()).isZero();
    assertThat(trace.peakLiveBytes()).isZero();
    assertThat(Samples.parse("0\n0\n").operations()).isZero();
  }

  @Test
  void nothingIsAllocatedAsAByteThatDoesNotCount() {
    Trace trace = Samples.parse("1\n2\n4\n8\na 0 0\na 1 8\nr 1 0\nf 0\n");
    assertThat(operations(trace)).containsExactly("a 0 1", "a 1 8", "r 1 1", "f 0");
    assertThat(trace.peakLiveBytes()).isEqualTo(8);
    assertThat(trace.notices()).isEmpty();
  }

  @Test
  void aResizeHasItsOldOrItsNewSize() {
    assertThat(Samples.of("a 0 100", "r 0 70", "r 0 90").peakLiveBytes()).isEqualTo(100);
    assertThat(Samples.of("a 0 100", "r 0 150").peakLiveBytes()).isEqualTo(150);
  }

  @Test
  void readsWhatWasWritten(@TempDir Path folder) throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      Trace trace = Samples.random(seed, 500);
      Path file = Files.writeString(folder.resolve("my-" + seed + ".rep"), file(trace));
      Trace again = Trace.read(file);
      assertThat(operations(again)).as("seed %d", seed).isEqualTo(operations(trace));
      assertThat(again.name()).isEqualTo("my-" + seed + ".rep");
      assertThat(again.family()).isEqualTo("my");
    }
  }

  @Test
  void idsMayBeAnyNumbers() {
    Random random = new Random(1);
    Set<Long> ids = new HashSet<>(List.of(0L, Long.MAX_VALUE));
    while (ids.size() < 20_000) {
      ids.add(random.nextLong() >>> (1 + random.nextInt(62)));
    }
    List<String> lines = new ArrayList<>();
    ids.forEach(id -> lines.add("a " + id + " 8"));
    ids.forEach(id -> lines.add("f " + id));
    Trace trace = Samples.of(lines.toArray(String[]::new));
    assertThat(trace.blocks()).isEqualTo(20_000);
    for (int i = 0; i < 20_000; i++) {
      assertThat(trace.block(i)).isEqualTo(i);
      assertThat(trace.block(20_000 + i)).isEqualTo(i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1;1;a 0 8;a 0 8       | 4: id 0 is allocated and live: an id must be used once
          1;1;a 0 8;f 0;a 0 8   | 5: id 0 was allocated and freed: an id must be used once
          1;1;f 3               | 3: id 3 was never allocated: must be a live id
          1;1;a 0 8;f 0;f 0     | 5: id 0 is freed already: must be a live id
          1;1;r 3 8             | 3: id 3 was never allocated: must be a live id
          1;1;a 0 8;f 0;r 0 8   | 5: id 0 is freed already: must be a live id
          1;1;a 0 -8            | 3: size '-8': must be a whole number from 0 to 1073741824
          1;1;a 0 1073741825    | 3: size '1073741825': must be a whole number from 0 to 1073741824
          1;1;a 0 99999999999999999999 | 3: size '99999999999999999999': must be a whole number from 0 to 1073741824
          1;1;a 0 eight         | 3: size 'eight': must be a whole number from 0 to 1073741824
          1;1;a 0 8.5           | 3: size '8.5': must be a whole number from 0 to 1073741824
          1;1;a -1 8            | 3: id '-1': must be a whole number from 0 to 9223372036854775807
          1;1;a 9223372036854775808 8 | 3: id '9223372036854775808': must be a whole number from 0 to 9223372036854775807
          1;1;a 0               | 3: 'a 0': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;a 0 8 9           | 3: 'a 0 8 9': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;a 0 8;f 0 8       | 4: 'f 0 8': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;m 0 8             | 3: 'm 0 8': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;alloc 0 8         | 3: 'alloc 0 8': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;A 0 8             | 3: 'A 0 8': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;a 0 8;17          | 4: '17': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;1;\u00e9 0 8        | 3: '? 0 8': must be 'a ID BYTES', 'r ID BYTES' or 'f ID'
          1;a 0 8               | 2: a header of 1 lines: must be 2 or 4 lines of one number each, then operations (docs/replay.md)
          1;1;1;a 0 8           | 4: a header of 3 lines: must be 2 or 4 lines of one number each, then operations (docs/replay.md)
          1;1;1;8;5;a 0 8       | 5: 5 lines with one number: must be 2 or 4 lines of one number each, then operations (docs/replay.md)
          a 0 8                 | 1: a header of 0 lines: must be 2 or 4 lines of one number each, then operations (docs/replay.md)
          1;1 1;a 0 8           | 2: header line 2 '1 1': must be a whole number from 0 to 9223372036854775807
          1;2;1;8;a 0 8         | 2: the header announces 2 ids: must be 1, as many as the file has
          1;1;2;8;a 0 8         | 3: the header announces 2 operations: must be 1, as many as the file has
          1;0;1;8;a 0 8         | 2: the header announces 0 ids: must be 1, as many as the file has
          """)
  void malformed(String lines, String message) {
    assertThatThrownBy(() -> Samples.parse(lines.replace(";", "\n") + "\n"))
        .isInstanceOf(TraceException.class)
        .hasMessage("made.rep:" + message)
        .satisfies(refused ->
            assertThat(((TraceException) refused).line())
                .isEqualTo(Long.parseLong(message.substring(0, message.indexOf(':')))));
  }

  @Test
  void emptyFile() {
    assertThatThrownBy(() -> Samples.parse("")).hasMessageStartingWith("made.rep: a header of 0");
    assertThatThrownBy(() -> Samples.parse("#\n")).hasMessageContaining("a header of 0 lines");
  }

  @Test
  void aFileOfAnotherKindIsRefusedWithoutBeingHeld() {
    assertThatThrownBy(() -> Samples.parse("1\n1\n" + "z".repeat(1 << 20)))
        .hasMessage(
            "made.rep:3: '%s...': a line must have at most 256 B before its comment",
            "z".repeat(40));
  }

  @Test
  void aPeakOfOthersIsWorthAWord() {
    assertThat(Samples.parse("1\n1\n1\n9\na 0 8\n").notices())
        .containsExactly(
            "made.rep:4: the header announces a peak of 9 live bytes, the operations have one of 8");
  }

  @Test
  void recordingOfAProcessThatDied() {
    Trace whole = Samples.parse("1\n0\n0\n0\na 0 8\nf 0\n");
    assertThat(operations(whole)).containsExactly("a 0 8", "f 0");
    assertThat(whole.notices()).isEmpty();
    Trace cut = Samples.parse("1\n000\n000\n000\na 0 8\na 1 12");
    assertThat(operations(cut)).containsExactly("a 0 8");
    assertThat(cut.notices())
        .containsExactly(
            "made.rep:6: 'a 1 12': left out, the recording was cut short in this line");
    assertThat(operations(Samples.parse("1\n0\n0\n0\na 0 8\na"))).containsExactly("a 0 8");
  }

  @Test
  void tracesBesideTheCheckoutAreWhatTheirHeadersSay() throws IOException {
    for (Path file : Samples.shared()) {
      Trace trace = Trace.read(file);
      assertThat(trace.notices()).isEmpty();
      assertThat(trace.operations()).isPositive();
    }
  }
}
