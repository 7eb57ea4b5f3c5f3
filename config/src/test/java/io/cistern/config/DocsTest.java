package io.cistern.config;

import static io.cistern.config.Texts.NONE;
import static io.cistern.config.Texts.load;
import static io.cistern.config.Texts.problemsOf;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cistern.config.ProfileException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Keeps docs/profiles.md true: its keys, defaults, figures, samples and messages are the loader's.
 * Time budget: 2 s.
 */
class DocsTest {
  private static final Pattern KNOWN = Pattern.compile("Known here: (.*)");
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  private static String docs = "";

  @BeforeAll
  static void read() throws IOException {
    docs = Files.readString(Path.of("..", "docs", "profiles.md"));
  }

  /** One row of the table of keys. */
  private record Key(String path, String kind, String preset) {}

  private static List<Key> keys() {
    return rows("| key |")
        .map(row -> new Key(code(row.getFirst()), row.get(1), row.get(3)))
        .toList();
  }

  /** The cells of the table that starts with a heading, row by row. */
  private static Stream<List<String>> rows(String heading) {
    return docs.substring(docs.indexOf("\n" + heading) + 1)
        .lines()
        .takeWhile(line -> line.startsWith("|"))
        .skip(2)
        .map(line -> Arrays.stream(line.substring(1).split("\\|", -1)).map(String::strip).toList());
  }

  private static String code(String cell) {
    Matcher code = CODE.matcher(cell);
    assertThat(code.find()).as("code in '%s'", cell).isTrue();
    return code.group(1);
  }

  private static String block(String opening) {
    int start = docs.indexOf(opening) + opening.length();
    return docs.substring(start, docs.indexOf("```", start));
  }

  @Test
  void theTableOfKeysIsWhatTheLoaderKnows() {
    assertThat(keys()).extracting(Key::path).doesNotHaveDuplicates();
    assertThat(documented("tiered"))
        .isEqualTo(knownWithPool("tiers = [{ size = 1, count = 1, nokey = 1 }]"));
    assertThat(documented("blocks"))
        .isEqualTo(knownWithPool("kind = blocks, shape = [1], count = 1"));
    assertThat(documented("variable")).isEqualTo(knownWithPool("kind = variable, size = 8"));
  }

  private static Set<String> documented(String kind) {
    Set<String> paths = new TreeSet<>();
    keys().stream()
        .filter(key -> key.kind().equals(kind) || key.kind().equals("any"))
        .map(Key::path)
        .filter(path -> !path.endsWith("<name>")) // a name alone: any that is a name is known
        .forEach(paths::add);
    return paths;
  }

  /** Puts an unknown key into every section and gathers what the messages say is known there. */
  private static Set<String> knownWithPool(String pool) {
    String text =
        """
        budget = 1 KiB, nokey = 1
        pools { main { %s, regions { nokey = 1 }, checks { nokey = 1 }, nokey = 1 }, other { tiers = [{ size = 1, count = 1 }] } }
        quotas { net { limit = 1, nokey = 1 } }
        pressure { nokey = 1 }
        frames { pool = other, nokey = 1 }
        """
            .formatted(pool);
    Set<String> known = new TreeSet<>();
    for (Problem problem : problemsOf(text)) {
      Matcher rule = KNOWN.matcher(problem.rule());
      assertThat(rule.find()).as(problem.toString()).isTrue();
      String section =
          problem
              .key()
              .replace("nokey", "")
              .replace("pools.main", "pools.<name>")
              .replace("quotas.net", "quotas.<name>")
              .replace("[0]", "[]");
      Stream.of(rule.group(1).split(", ")).map(section::concat).forEach(known::add);
    }
    return known;
  }

  @Test
  void aNameAloneIsTheKeyOfABuffer() {
    assertThat(keys()).extracting(Key::path).contains("buffers.<name>");
    String pool = "\npools.main.tiers = [{ size = 1, count = 1 }]\n";
    assertThat(load("budget = 1 KiB" + pool + "buffers.any-name_1 = 9").buffers())
        .containsOnlyKeys("any-name_1");
  }

  @Test
  void everyDefaultOfTheTableIsTheLoaders() {
    List<String> checked = new ArrayList<>();
    for (Key key : keys()) {
      if (key.preset().startsWith("`") && key.path().contains("<name>")) {
        String setting = inner(key) + " = " + code(key.preset());
        assertThat(load(minimal(key, setting))).as(setting).isEqualTo(load(minimal(key, "")));
        checked.add(inner(key));
      }
    }
    assertThat(checked)
        .contains(
            "kind",
            "spill",
            "zeroing",
            "alignment",
            "maxBlocks",
            "lowPercent",
            "criticalPercent",
            "type",
            "label",
            "enabled",
            "labels",
            "resizable",
            "reserve",
            "fallback",
            "regions.least",
            "regions.most",
            "regions.idle",
            "checks.level",
            "checks.redZone",
            "checks.poison",
            "checks.leakSamples",
            "guaranteed",
            "critical");
  }

  /** The key's path from the pool, tier or quota on that has it. */
  private static String inner(Key key) {
    return key.path().replaceFirst(".*(<name>|\\[])\\.", "");
  }

  private static String minimal(Key key, String setting) {
    if (key.path().startsWith("quotas.")) {
      return minimal("tiers = [{ size = 8, count = 1 }]")
          + "\nquotas.q { limit = 1\n"
          + setting
          + "}";
    }
    boolean inTier = key.path().contains("[]");
    String tier = inTier ? setting : "";
    String pool =
        switch (key.kind()) {
          case "blocks" -> "kind = blocks, shape = [1], count = 1";
          case "variable" -> "kind = variable, size = 8";
          default -> "tiers = [{ size = 8\n count = 1\n" + tier + "\n }]";
        };
    return minimal(pool + "\n" + (inTier ? "" : setting));
  }

  private static String minimal(String pool) {
    return "budget = 1 KiB\npools.main { " + pool + "\n}";
  }

  @Test
  void theTableOfProfilesHasTheirFigures() {
    List<List<String>> rows = rows("| profile |").toList();
    assertThat(rows).extracting(row -> code(row.getFirst())).isEqualTo(Profile.names());
    for (List<String> row : rows) {
      Profile profile = Profile.load(code(row.getFirst()), NONE);
      assertThat(row.get(1)).isEqualTo(blocksOf(profile));
      long bytes =
          profile.regionBytes()
              + profile.buffers().values().stream().mapToLong(Long::longValue).sum();
      assertThat(row.get(2)).isEqualTo(String.format(Locale.ROOT, "%,d", bytes));
      assertThat(row.get(3)).isEqualTo(Values.size(profile.budgetBytes()));
    }
  }

  private static String blocksOf(Profile profile) {
    Stream<String> pools =
        profile.pools().stream().map(pool -> "`%s` ".formatted(pool.name()) + blocksOf(pool));
    Stream<String> buffers =
        profile.buffers().entrySet().stream()
            .map(buffer -> "buffer `%s` %d".formatted(buffer.getKey(), buffer.getValue()));
    return Stream.concat(pools, buffers).collect(joining("; "));
  }

  private static String blocksOf(Profile.PoolSpec pool) {
    Profile.VariableSpec variable = pool.variable();
    return variable != null
        ? variable.size() + " of any size"
        : pool.tiers().stream()
            .map(tier -> tier.count() + " × " + tier.size())
            .collect(joining(", "));
  }

  @Test
  void theSamplesLoad() {
    List<String> samples =
        Arrays.stream(docs.split("```hocon\n", -1))
            .skip(1)
            .map(s -> s.substring(0, s.indexOf("```")))
            .toList();
    assertThat(samples).hasSize(2);
    assertThat(samples).allSatisfy(sample -> assertThat(load(sample).pools()).isNotEmpty());
  }

  @Test
  void theRefusedSampleIsRefusedWithTheMessageShown() {
    String refused = block("```hocon refused\n");
    assertThatExceptionOfType(ProfileException.class)
        .isThrownBy(() -> ProfileReader.read(new ProfileText("shop", "shop.conf", refused), NONE))
        .withMessage(block("```text\n").stripTrailing());
  }
}
