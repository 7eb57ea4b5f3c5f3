package io.cistern.config;

import static io.cistern.config.Texts.NONE;
import static io.cistern.config.Texts.assertRefused;
import static io.cistern.config.Texts.good;
import static io.cistern.config.Texts.problemsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.config.ProfileException.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Profiles that cannot be found or read at all, and how several problems are told. Time budget: 2
 * s.
 */
class RefusedFilesTest {
  @TempDir Path folder;

  private static void assertNotLoaded(String nameOrFile, String message) {
    assertThatExceptionOfType(ProfileException.class)
        .isThrownBy(() -> Profile.load(nameOrFile, NONE))
        .withMessage(message);
  }

  @Test
  void unknownNameListsThoseThereAre() {
    assertNotLoaded(
        "prisma",
        "prisma: no such profile. Did you mean 'prism'? There are prism, prism-2k, modesp, esp32s3, audio, numeric;"
            + " a file is given by a path with a separator or the ending .conf");
  }

  @Test
  void unknownNameThatIsCloseToNone() {
    assertNotLoaded(
        "controller",
        "controller: no such profile. There are prism, prism-2k, modesp, esp32s3, audio, numeric;"
            + " a file is given by a path with a separator or the ending .conf");
  }

  @Test
  void missingFile() {
    String path = folder.resolve("none.conf").toString();
    assertNotLoaded(path, path + ": no such file");
  }

  @Test
  void whatEndsInConfIsAFileAndNeverAShippedProfile() {
    assertNotLoaded("prism.conf", "prism.conf: no such file");
  }

  @Test
  void folderInsteadOfAFile() {
    assertNotLoaded(folder.toString(), folder + ": must be a file, and is a folder");
  }

  @Test
  void pathThatNoFileCanHave() {
    assertNotLoaded("a\0/b", "a\0/b: cannot be read: Nul character not allowed: a\0/b");
  }

  @Test
  void fileThatIsNoText() throws IOException {
    Path file = Files.write(folder.resolve("binary.conf"), new byte[] {(byte) 0xC3, 0x28});
    assertNotLoaded(file.toString(), file + ": must be text in UTF-8");
  }

  @Test
  void messagesNameTheFileAsItWasGiven() throws IOException {
    Path file = Files.writeString(folder.resolve("own.conf"), good("count = 16", "count = 0"));
    assertNotLoaded(
        file.toString(), file + ":8: pools.main.tiers[1].count = 0: must be from 1 to 16777216");
  }

  @Test
  void emptyFile() {
    assertRefused(
        "",
        "test.conf:1: budget: missing; must be a size from 1 B to 1 PiB, such as 4096 or \"4 KiB\"",
        "test.conf:1: pools: missing; must be a section in braces");
  }

  @Test
  void syntaxErrorWithItsLine() {
    Problem problem = problemsOf(good("lowPercent = 80", "lowPercent = = 80")).getFirst();
    assertThat(problem.source()).isEqualTo("test.conf");
    assertThat(problem.line()).isEqualTo(5);
    assertThat(problem.key()).isEmpty();
    assertThat(problem.toString())
        .startsWith("test.conf:5: not valid HOCON: ")
        .contains("'='")
        .doesNotContain(": 5:");
  }

  @Test
  void braceThatIsNotClosed() {
    assertThat(problemsOf("budget = 1 KiB\npools {\n  main {\n"))
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.toString()).startsWith("test.conf:4: not valid HOCON: "));
  }

  @Test
  void substitutionThatLeadsNowhere() {
    assertRefused(
        good("164 KiB", "${total}"),
        "test.conf:1: not valid HOCON: Could not resolve substitution to a value: ${total}");
  }

  @Test
  void substitutionsDoNotSeeTheEnvironment() {
    assertThat(System.getenv()).containsKey("PATH");
    assertRefused(
        good("164 KiB", "${PATH}"),
        "test.conf:1: not valid HOCON: Could not resolve substitution to a value: ${PATH}");
  }

  @Test
  void includes() {
    assertRefused(
        good("pools {", "include \"more.conf\"\npools {"),
        "test.conf:2: include of 'more.conf': a profile is one file");
  }

  @Test
  void includesOfEveryOtherForm() {
    for (String form :
        new String[] {
          "file(\"more.conf\")", "classpath(\"more.conf\")", "required(file(\"more.conf\"))"
        }) {
      assertRefused(
          good("pools {", "include " + form + "\npools {"),
          "test.conf:2: include of 'more.conf': a profile is one file");
    }
    assertRefused(
        good("pools {", "include url(\"file:/more.conf\")\npools {"),
        "test.conf:2: include of 'file:/more.conf': a profile is one file");
  }

  @Test
  void allProblemsOfAFileAreToldInItsOrder() {
    String text =
        """
        budget = 16 KB
        pools {
          main {
            tiers = [
              { size = 0, count = 0 }
              { size = 64, count = 1 }
              { size = 64 B, cuont = 1 }
            ]
            spill = up
            lowPercent = 99
          }
          odd { kind = ring }
        }
        frames { pool = main, block = 65, oversize = cut }
        debug = on
        """;
    assertRefused(
        text,
        "test.conf:1: budget = 16 KB: must be a size from 1 B to 1 PiB, such as 4096 or \"4 KiB\"",
        "test.conf:5: pools.main.tiers[0].size = 0: must be from 1 B to 1 GiB",
        "test.conf:5: pools.main.tiers[0].count = 0: must be from 1 to 16777216",
        "test.conf:7: pools.main.tiers[2].size = 64 B:"
            + " must differ from every other tier's, and equals pools.main.tiers[1].size",
        "test.conf:7: pools.main.tiers[2].count: missing; must be a whole number from 1 to 16777216",
        "test.conf:7: pools.main.tiers[2].cuont = 1: unknown key. Did you mean 'count'? Known here: count, label, size",
        "test.conf:9: pools.main.spill = up: must be one of off, next, any",
        "test.conf:10: pools.main.lowPercent = 99: must be below criticalPercent, which is 95",
        "test.conf:12: pools.odd.kind = ring: must be one of tiered, blocks, variable",
        "test.conf:14: frames.oversize = cut: must be one of close, drop",
        "test.conf:15: debug = on: unknown key. Known here: budget, buffers, fallback, frames, pools, pressure, quotas");
  }

  @Test
  void aProblemCarriesItsPartsOneByOne() {
    assertThat(problemsOf(good("count = 16", "count = 0")))
        .containsExactly(
            new Problem(
                "test.conf", 8, "pools.main.tiers[1].count", "0", "must be from 1 to 16777216"));
  }

  @Test
  void theExceptionSurvivesSerialization() throws Exception {
    ProfileException refused = new ProfileException(problemsOf(good("count = 16", "count = 0")));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(refused);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      ProfileException copy = (ProfileException) in.readObject();
      assertThat(copy).hasMessage(refused.getMessage());
      assertThat(copy.problems()).isEqualTo(refused.problems());
    }
  }
}
