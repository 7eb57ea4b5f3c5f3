package io.cistern.config;

import static io.cistern.config.Texts.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.Spill;
import io.cistern.Zeroing;
import io.cistern.config.PoolOptions.Fallback;
import io.cistern.config.PoolOptions.Regions;
import io.cistern.config.Profile.ElementType;
import io.cistern.config.Profile.Frames;
import io.cistern.config.Profile.Kind;
import io.cistern.config.Profile.Oversize;
import io.cistern.config.Profile.PoolSpec;
import io.cistern.config.Profile.Shape;
import io.cistern.config.Profile.TierSpec;
import io.cistern.config.Profile.VariableSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The six profiles, to the last block. Time budget: 3 s. */
class ShippedProfilesTest {
  private static final Path FOLDER = Path.of("..", "profiles");

  @Test
  void prismHasThreeTiers() {
    Profile prism = Profile.load("prism", NONE);
    assertThat(prism.name()).isEqualTo("prism");
    assertThat(prism.source()).isEqualTo("prism.conf");
    assertThat(prism.budgetBytes()).isEqualTo(164 * 1024);
    assertThat(prism.regionBytes()).isEqualTo(57_344);
    assertThat(prism.frames()).isEqualTo(new Frames("main", OptionalLong.empty(), Oversize.CLOSE));
    assertThat(prism.pools())
        .containsExactly(
            new PoolSpec(
                "main",
                Kind.TIERED,
                List.of(
                    new TierSpec(4096, 8, "WebSocket frames", null),
                    new TierSpec(1024, 16, "patterns and templates", null),
                    new TierSpec(256, 32, "messages and commands", null)),
                null,
                Spill.NEXT,
                Zeroing.OFF,
                8,
                80,
                95));
  }

  @Test
  void prism2kHasATierMore() {
    Profile prism = Profile.load("prism-2k", NONE);
    assertThat(prism.budgetBytes()).isEqualTo(164 * 1024);
    assertThat(prism.regionBytes()).isEqualTo(73_728);
    assertThat(prism.frames()).isEqualTo(new Frames("main", OptionalLong.empty(), Oversize.CLOSE));
    assertThat(onlyPool(prism).spill()).isEqualTo(Spill.NEXT);
    assertThat(onlyPool(prism).tiers())
        .extracting(TierSpec::size, TierSpec::count, TierSpec::label)
        .containsExactly(
            tuple(4096L, 8, "WebSocket frames"),
            tuple(2048L, 8, "large patterns and short frames"),
            tuple(1024L, 16, "patterns and templates"),
            tuple(256L, 32, "messages and commands"));
  }

  @Test
  void modespHasFiveTiersAndNotAByteMore() {
    Profile modesp = Profile.load("modesp", NONE);
    assertThat(modesp.budgetBytes()).isEqualTo(20 * 1024);
    assertThat(modesp.regionBytes()).isEqualTo(20_480);
    assertThat(modesp.frames()).isEqualTo(new Frames("main", OptionalLong.empty(), Oversize.CLOSE));
    PoolSpec main = onlyPool(modesp);
    assertThat(main.spill()).isEqualTo(Spill.NEXT);
    assertThat(main.alignment()).isEqualTo(8);
    assertThat(main.lowPercent()).isEqualTo(80);
    assertThat(main.criticalPercent()).isEqualTo(95);
    assertThat(main.zeroing()).isEqualTo(Zeroing.OFF);
    assertThat(main.tiers())
        .extracting(TierSpec::size, TierSpec::count, TierSpec::label)
        .containsExactly(
            tuple(32L, 128, "TINY: event headers, small commands"),
            tuple(64L, 64, "SMALL: ordinary events with data"),
            tuple(128L, 32, "MEDIUM: JSON payloads, control messages"),
            tuple(256L, 16, "LARGE: batches of sensor readings"),
            tuple(512L, 8, "XLARGE: web responses, configuration blocks"));
  }

  @Test
  void esp32s3SpillsUpwardAndDropsWhatIsTooLarge() {
    Profile esp = Profile.load("esp32s3", NONE);
    assertThat(esp.budgetBytes()).isEqualTo(164 * 1024);
    assertThat(esp.regionBytes()).isEqualTo(88 * 1024);
    assertThat(esp.frames()).isEqualTo(new Frames("main", OptionalLong.of(4096), Oversize.DROP));
    assertThat(onlyPool(esp).spill()).isEqualTo(Spill.ANY);
    assertThat(onlyPool(esp).tiers())
        .extracting(TierSpec::size, TierSpec::count, TierSpec::label)
        .containsExactly(
            tuple(4096L, 12, "WebSocket frames"),
            tuple(1024L, 24, "patterns and larger temporaries"),
            tuple(256L, 64, "commands"));
  }

  @Test
  void audioHasThreePoolsThatDoNotLendAndABuffer() {
    Profile audio = Profile.load("audio", NONE);
    assertThat(audio.budgetBytes()).isEqualTo(200 * 1024);
    assertThat(audio.regionBytes()).isEqualTo((4 * 4096) + (2 * 20_480) + 4096);
    assertThat(audio.buffers()).isEqualTo(Map.of("i2s-input", 16_384L));
    assertThat(audio.fallbackBytes()).isEqualTo(64 * 1024);
    assertThat(audio.neededBytes()).isEqualTo((76 + 64) * 1024);
    assertThat(audio.frames())
        .isEqualTo(new Frames("network", OptionalLong.empty(), Oversize.CLOSE));
    assertThat(audio.pools())
        .extracting(PoolSpec::name, PoolSpec::spill, PoolSpec::tiers)
        .containsExactly(
            tuple("audio", Spill.OFF, List.of(new TierSpec(4096, 4, "audio samples", null))),
            tuple(
                "network",
                Spill.OFF,
                List.of(new TierSpec(20_480, 2, "TCP send and receive", null))),
            tuple("general", Spill.OFF, List.of()));
    assertThat(audio.pools().getLast().variable()).isEqualTo(new VariableSpec(4096, 1 << 24));
    assertThat(audio.pools())
        .extracting(PoolSpec::options)
        .containsOnly(new PoolOptions(true, true, false, 0, Fallback.SHARED, Regions.ONE));
  }

  @Test
  void audioTakes38PercentOfItsBudget() {
    Profile audio = Profile.load("audio", NONE);
    try (PoolManager manager = audio.open()) {
      long buffers = manager.buffers().values().stream().mapToLong(MemorySegment::byteSize).sum();
      assertThat(100.0 * (manager.regionBytes() + buffers) / manager.budgetBytes()).isEqualTo(38);
      assertThat(manager.budgetUsedBytes()).isEqualTo(audio.neededBytes());
    }
  }

  /** As docs/profiles.md says. */
  @Test
  void modespHasAReserveAndAQuotaWhenTheyAreAskedFor() {
    Overrides asked =
        Overrides.of(
            Map.of(),
            Map.of(
                "cistern.pools.main.reserve", "512",
                "cistern.quotas.alarm.limit", "4096",
                "cistern.quotas.alarm.critical", "on"));
    try (PoolManager manager = Profile.load("modesp", asked).open()) {
      MemoryPool ordinary = manager.pool("main");
      long[] handles = new long[9];
      assertThat(ordinary.tryAllocateHandles(512, handles, 0, 9)).isEqualTo(7);
      MemoryPool alarm = ordinary.chargedTo(manager.quota("alarm"));
      assertThat(alarm.tryAllocateHandles(512, handles, 7, 2)).isEqualTo(1);
      ordinary.free(handles, 0, 8);
    }
  }

  @Test
  void theOthersHaveNoOptions() {
    for (String name : List.of("prism", "prism-2k", "modesp", "esp32s3", "numeric")) {
      Profile profile = Profile.load(name, NONE);
      assertThat(profile.pools()).extracting(PoolSpec::options).containsOnly(PoolOptions.NONE);
      assertThat(profile.neededBytes()).isEqualTo(profile.regionBytes());
      assertThat(profile.quotas()).isEmpty();
    }
  }

  @Test
  void numericHasBlocksOfAShapeAndNoFrames() {
    Profile numeric = Profile.load("numeric", NONE);
    assertThat(numeric.budgetBytes()).isEqualTo(512 * 1024);
    assertThat(numeric.regionBytes()).isEqualTo(20 * 800 + 50 * 8000);
    assertThat(numeric.frames()).isNull();
    Shape hundred = new Shape(List.of(100), ElementType.DOUBLE);
    Shape thousand = new Shape(List.of(1000), ElementType.DOUBLE);
    assertThat(numeric.pools())
        .extracting(PoolSpec::name, PoolSpec::kind, PoolSpec::tiers)
        .containsExactly(
            tuple(
                "vectors-100",
                Kind.BLOCKS,
                List.of(new TierSpec(800, 20, "vectors of 100 doubles", hundred))),
            tuple(
                "vectors-1000",
                Kind.BLOCKS,
                List.of(new TierSpec(8000, 50, "vectors of 1000 doubles", thousand))));
  }

  @Test
  void everyFileOfTheFolderIsShippedAndNoOther() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(
              files
                  .map(Path::getFileName)
                  .map(Path::toString)
                  .filter(name -> name.endsWith(".conf")))
          .containsExactlyInAnyOrderElementsOf(
              Profile.names().stream().map(name -> name + ".conf").toList());
    }
  }

  static List<String> names() {
    return Profile.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aProfileIsTheSameByNameAndByPath(String name) {
    Profile byName = Profile.load(name, NONE);
    Profile byPath = Profile.load(FOLDER.resolve(name + ".conf").toString(), NONE);
    assertThat(byPath.name()).isEqualTo(name);
    assertThat(byPath.pools()).isEqualTo(byName.pools());
    assertThat(byPath.frames()).isEqualTo(byName.frames());
    assertThat(byPath.budgetBytes()).isEqualTo(byName.budgetBytes());
  }

  @ParameterizedTest
  @MethodSource("names")
  void theFirstCommentTellsNameBytesAndBudget(String name) throws IOException {
    Profile profile = Profile.load(name, NONE);
    List<String> comment =
        Files.readAllLines(FOLDER.resolve(name + ".conf")).stream()
            .takeWhile(line -> line.startsWith("#"))
            .toList();
    assertThat(comment.getFirst()).startsWith("# " + name + ": ");
    assertThat(String.join(" ", comment))
        .contains(String.format(Locale.ROOT, "%,d B", profile.regionBytes()))
        .contains("budget of " + Values.size(profile.budgetBytes()));
  }

  private static PoolSpec onlyPool(Profile profile) {
    assertThat(profile.pools()).hasSize(1);
    return profile.pools().getFirst();
  }
}
