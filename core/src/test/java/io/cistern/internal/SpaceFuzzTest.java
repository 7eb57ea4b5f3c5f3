package io.cistern.internal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cistern.Seed;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@link SpaceModel} driven by bytes, so that a fuzzer can look for the history that breaks it.
 * {@code verify} runs a hundred random scripts; to fuzz for ten minutes, guided by coverage:
 *
 * <pre>
 *   JAZZER_FUZZ=1 ./verify -pl core
 * </pre>
 *
 * A script that fails is written to the module's root as {@code crash-…}. Time budget: 10 s.
 */
class SpaceFuzzTest {
  private static final int SCRIPTS = 100;
  private static final int MOST_BYTES = 3_000;
  private static final int CHECK_EVERY = 31;

  /** Reads numbers off a script; behind its end all are 0. */
  private static final class Script {
    private final byte[] bytes;
    private int at;

    Script(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean hasMore() {
      return at < bytes.length;
    }

    int one() {
      return hasMore() ? bytes[at++] & 0xFF : 0;
    }

    int two() {
      return one() << 8 | one();
    }
  }

  static Stream<byte[]> scripts() {
    SplittableRandom random = Seed.random("fuzz scripts");
    return Stream.generate(() -> script(random)).limit(SCRIPTS);
  }

  private static byte[] script(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(MOST_BYTES)];
    random.nextBytes(bytes);
    return bytes;
  }

  @MethodSource("scripts")
  @FuzzTest(maxDuration = "10m")
  void agrees(byte[] bytes) {
    Script script = new Script(bytes);
    SpaceModel model = new SpaceModel(1 + script.two(), 1 + script.one());
    for (int step = 1; script.hasMore(); step++) {
      operate(model, script);
      if (step % CHECK_EVERY == 0) {
        model.check();
      }
    }
    model.check();
  }

  /** Small sizes take one byte, others two; alignments are up to 2^15 bytes. */
  private static void operate(SpaceModel model, Script script) {
    int what = script.one();
    if (model.live() == 0 || what < 120) {
      int size = 1 + (what % 2 == 0 ? script.one() : script.two());
      model.allocate(size, what % 8 < 6 ? 1 : 1L << (script.one() & 15));
    } else if (what < 220) {
      model.free(script.one() % model.live());
    } else {
      model.resize(script.one() % model.live(), 1 + script.two() % 2_000);
    }
  }
}
