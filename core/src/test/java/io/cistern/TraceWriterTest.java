package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lines of a trace file, to the byte, and what happens at its edges. Times are left out where
 * lines are compared, since they differ from run to run. Time budget: 1 second.
 */
class TraceWriterTest {
  private static final int PIECE = 1 << 20;

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("t.rep");
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file()).stream().filter(line -> !line.startsWith("# at ")).toList();
  }

  private static String header(long value, String what) {
    return "%-39s".formatted(value + " # " + what);
  }

  @Test
  void aSmallHistory() throws Exception {
    try (TraceWriter trace = new TraceWriter(file(), PIECE, "p, region 64 B")) {
      int first = trace.allocated(10, "");
      int second = trace.allocated(20, "network");
      trace.resized(first, 10, 50);
      trace.freed(second, 20);
      trace.failed(99);
      assertThat(trace.allocated(30, "")).isEqualTo(2);
      trace.freed(first, 50);
    }
    assertThat(lines())
        .containsExactly(
            header(1, "weight"),
            header(3, "ids"),
            header(6, "operations"),
            header(80, "peak live bytes"),
            "# pool p, region 64 B",
            "a 0 10",
            "a 1 20 # network",
            "r 0 50",
            "f 1",
            "# failed 99",
            "a 2 30",
            "f 0");
    assertThat(Files.readString(file())).endsWith("f 0\n").doesNotContain("\0");
  }

  @Test
  void untilItIsClosedTheHeaderSaysNothingYetAndZeroesFollow() throws Exception {
    try (TraceWriter trace = new TraceWriter(file(), PIECE, "p")) {
      assertThat(trace.allocated(10, "")).isZero();
      byte[] bytes = Files.readAllBytes(file());
      String text = new String(bytes, StandardCharsets.UTF_8);
      assertThat(bytes).hasSize(PIECE);
      assertThat(text).startsWith(header(1, "weight") + "\n" + header(0, "ids") + "\n");
      String written = text.substring(0, text.indexOf(0));
      assertThat(written).endsWith("a 0 10\n");
      assertThat(text.substring(written.length())).matches("\0+");
    }
  }

  @Test
  void timesAreWrittenOncePerTickAndRise() throws Exception {
    try (MemoryPool keepsTheClockGoing = MemoryPool.builder().tier(1, 1).build();
        TraceWriter trace = new TraceWriter(file(), PIECE, "p")) {
      assertThat(keepsTheClockGoing.isClosed()).isFalse();
      for (long end = System.nanoTime() + 50_000_000; System.nanoTime() < end; ) {
        trace.failed(1);
        LockSupport.parkNanos(100_000);
      }
    }
    List<Long> times =
        Files.readAllLines(file()).stream()
            .filter(line -> line.startsWith("# at "))
            .map(line -> Long.parseLong(line.replaceAll("# at (\\d+) ms", "$1")))
            .toList();
    assertThat(times).hasSizeGreaterThan(1).isSorted().doesNotHaveDuplicates();
    assertThat(times.getFirst()).isLessThan(1_000);
    assertThat(times).allMatch(time -> time % 10 == 0);
  }

  @Test
  void labelsAreOneLineOfCommentWhateverIsInThem() throws Exception {
    String longLabel = "é".repeat(80);
    try (TraceWriter trace = new TraceWriter(file(), PIECE, "p\nf 0")) {
      trace.allocated(1, "a\nf 0\r\t\0z");
      trace.allocated(2, longLabel);
    }
    assertThat(lines().subList(4, 7))
        .containsExactly("# pool p f 0", "a 0 1 # a f 0   z", "a 1 2 # " + "é".repeat(50));
  }

  @Test
  void atItsLimitTheRecordingEndsWithAWholeLine() throws Exception {
    int operations = 0;
    try (TraceWriter trace = new TraceWriter(file(), PIECE, "p")) {
      while (trace.allocated(1000, "x".repeat(90)) != TraceWriter.NOT_RECORDED) {
        operations++;
      }
      trace.freed(0, 1000);
      trace.failed(5);
    }
    assertThat(Files.size(file())).isBetween(PIECE - 200L, (long) PIECE);
    assertThat(Files.readString(file())).endsWith("x\n");
    assertThat(lines()).contains(header(operations, "operations"), header(operations, "ids"));
    assertThat(lines()).contains(header(1000L * operations, "peak live bytes"));
    assertThat(lines().stream().filter(line -> line.startsWith("a "))).hasSize(operations);
  }

  @Test
  void manyPiecesAreOneFile() throws Exception {
    int count = 200_000;
    try (TraceWriter trace = new TraceWriter(file(), 16L * PIECE, "p")) {
      for (int i = 0; i < count; i++) {
        assertThat(trace.allocated(i + 1, "")).isEqualTo(i);
      }
    }
    List<String> lines = lines();
    assertThat(Files.size(file())).isGreaterThan(2L * PIECE);
    assertThat(lines).hasSize(count + 5);
    for (int i = 0; i < count; i++) {
      assertThat(lines.get(i + 5)).isEqualTo("a " + i + " " + (i + 1));
    }
  }

  @Test
  void numbersOfAnyLength() throws Exception {
    try (TraceWriter trace = new TraceWriter(file(), PIECE, "p")) {
      for (long bytes : new long[] {1, 9, 10, 99, 100, 1 << 30, Long.MAX_VALUE / 8}) {
        trace.allocated(bytes, "");
      }
    }
    assertThat(lines().subList(5, 12))
        .containsExactly(
            "a 0 1",
            "a 1 9",
            "a 2 10",
            "a 3 99",
            "a 4 100",
            "a 5 1073741824",
            "a 6 1152921504606846975");
  }

  /** Else a thread that is asked to stop would end the recording, and leave it without a header. */
  @Test
  void anInterruptIsPutOff() throws Exception {
    int count = 200_000;
    Thread.currentThread().interrupt();
    try (TraceWriter trace = new TraceWriter(file(), 16L * PIECE, "p")) {
      for (int i = 0; i < count; i++) {
        trace.allocated(1, "");
      }
    }
    assertThat(Thread.interrupted()).as("still pending").isTrue();
    assertThat(lines()).hasSize(count + 5).contains(header(count, "operations"));
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    Path missing = folder.resolve("missing").resolve("t.rep");
    assertThatThrownBy(() -> new TraceWriter(missing, PIECE, "p"))
        .isExactlyInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("trace file " + missing + " cannot be written: ");
    assertThatThrownBy(() -> new TraceWriter(folder, PIECE, "p"))
        .isExactlyInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("trace file " + folder + " cannot be written: ");
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    TraceWriter trace = new TraceWriter(file(), PIECE, "p");
    trace.allocated(1, "");
    trace.close();
    byte[] before = Files.readAllBytes(file());
    trace.close();
    assertThat(trace.allocated(1, "")).isEqualTo(TraceWriter.NOT_RECORDED);
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }
}
