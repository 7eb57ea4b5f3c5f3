package io.cistern.config;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.config.ProfileException.Problem;
import java.util.List;
import java.util.Map;

/**
 * Loads profiles from text, away from the environment and the properties of the process that runs
 * the tests.
 */
final class Texts {
  static final Overrides NONE = Overrides.of(Map.of(), Map.of());

  /** A good profile, in which each test breaks one thing. Tests name its lines. */
  static final String GOOD =
      """
      budget = 164 KiB
      pools {
        main {
          spill = next
          lowPercent = 80
          tiers = [
            { size = 4096, count = 8, label = frames }
            { size = 1024, count = 16, label = patterns }
          ]
        }
        vectors { kind = blocks, shape = [10, 10], type = double, count = 20 }
      }
      frames { pool = main }
      """;

  private Texts() {}

  static Profile load(String text) {
    return load(text, NONE);
  }

  static Profile load(String text, Overrides overrides) {
    return ProfileReader.read(new ProfileText("test", "test.conf", text), overrides);
  }

  /** The good profile with one part replaced, which must be there. */
  static String good(String part, String replacement) {
    if (!GOOD.contains(part)) {
      throw new IllegalArgumentException("the good profile has no '" + part + "'");
    }
    return GOOD.replace(part, replacement);
  }

  /** Asserts that the good profile, with one part replaced, is refused with exactly these lines. */
  static void assertBroken(String part, String replacement, String... lines) {
    assertRefused(good(part, replacement), lines);
  }

  /** Asserts that a profile is refused with exactly these lines. */
  static void assertRefused(String text, String... lines) {
    assertRefused(text, NONE, lines);
  }

  static void assertRefused(String text, Overrides overrides, String... lines) {
    assertThatExceptionOfType(ProfileException.class)
        .isThrownBy(() -> load(text, overrides))
        .withMessage(String.join("\n", lines));
  }

  static List<Problem> problemsOf(String text) {
    try {
      throw new AssertionError("not refused: " + load(text));
    } catch (ProfileException refused) {
      return refused.problems();
    }
  }
}
