package io.cistern.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are a trace that keeps its promises, or are refused with a line that exists. {@code
 * verify} reads a thousand traces with random damage; to fuzz for ten minutes (after core's own
 * fuzz test), guided by coverage:
 *
 * <pre>
 *   JAZZER_FUZZ=1 ./verify -pl tools/simulator -am
 * </pre>
 *
 * A file that breaks a promise is written to the module's root as {@code crash-…}. Time budget: 10
 * s.
 */
class TraceFuzzTest {
  private static final int FILES = 1000;
  private static final long SEED = 20_261_121;
  private static final String WORDS = "arf0123456789 \n\t#-.\r\0\u00e9";

  static Stream<byte[]> damaged() {
    System.out.println("seed of damaged traces: " + SEED);
    Random random = new Random(SEED);
    return Stream.generate(() -> damaged(random)).limit(FILES);
  }

  private static byte[] damaged(Random random) {
    boolean open = random.nextBoolean();
    StringBuilder text = new StringBuilder(open ? "1\n0\n0\n0\n" : "1\n1\n");
    int blocks = random.nextInt(8);
    for (int block = 0; block < blocks; block++) {
      text.append("a %d %d # %d\n".formatted(block, random.nextInt(100), block));
      text.append(random.nextBoolean() ? "f %d\n".formatted(block) : "r %d 7\n".formatted(block));
    }
    for (int damage = random.nextInt(4); damage > 0; damage--) {
      int at = random.nextInt(text.length());
      String word = WORDS.substring(random.nextInt(WORDS.length()));
      text.replace(at, at + random.nextInt(2), word.substring(0, 1));
    }
    text.setLength(text.length() - random.nextInt(2));
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @MethodSource("damaged")
  @FuzzTest(maxDuration = "10m")
  void keepsItsPromisesOrIsRefused(byte[] data) throws IOException {
    Trace trace;
    try {
      trace = TraceReader.read("fuzz.rep", "fuzz.rep", new ByteArrayInputStream(data));
    } catch (TraceException refused) {
      long lines = 1;
      for (byte b : data) {
        lines += b == '\n' ? 1 : 0;
      }
      assertThat(refused.line()).isBetween(0L, lines);
      assertThat(refused).hasMessageStartingWith("fuzz.rep:");
      return;
    }
    check(trace);
  }

  private static void check(Trace trace) {
    Set<Integer> live = new HashSet<>();
    long[] sizes = new long[trace.blocks()];
    long bytes = 0;
    long peak = 0;
    int next = 0;
    for (int i = 0; i < trace.operations(); i++) {
      int block = trace.block(i);
      int size = trace.size(i);
      if (size > 0) {
        assertThat(block).isEqualTo(next++);
        live.add(block);
      } else {
        assertThat(live).contains(block);
        if (size == 0) {
          live.remove(block);
        }
      }
      bytes += Math.abs(size) - sizes[block];
      sizes[block] = Math.abs(size);
      peak = Math.max(peak, bytes);
    }
    assertThat(trace.blocks()).isEqualTo(next);
    assertThat(trace.peakLiveBytes()).as("0 bytes are 1").isBetween(peak - trace.blocks(), peak);
  }
}
