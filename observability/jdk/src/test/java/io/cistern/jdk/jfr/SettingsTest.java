package io.cistern.jdk.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.AnnotationElement;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.SettingDescriptor;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The settings, the file that is shipped and the page that explains them agree with the events.
 * Budget: 3 s.
 */
class SettingsTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "jfr.md");

  private final MemoryPool pool = MemoryPool.builder().tier(8, 1).build();
  private final JfrEvents events = JfrEvents.register(pool);

  @BeforeEach
  void thereIsARecorder() {
    assertThat(JfrEvents.isAvailable()).isTrue();
    assertThat(events).isNotNull();
  }

  @AfterEach
  void close() {
    events.close();
    pool.close();
  }

  private static List<EventType> types() {
    return FlightRecorder.getFlightRecorder().getEventTypes().stream()
        .filter(type -> type.getName().startsWith(Recorded.PREFIX))
        .toList();
  }

  @Test
  void allEventsAreThere() {
    assertThat(types())
        .extracting(type -> type.getName().substring(Recorded.PREFIX.length()))
        .containsExactlyInAnyOrder(
            "AllocationSampled",
            "AllocationFailed",
            "Spill",
            "Fallback",
            "Grow",
            "Trim",
            "PressureChange",
            "Violation",
            "Damage",
            "BlockLost",
            "LeakSuspect",
            "PoolStatistics",
            "TierStatistics",
            "VariableStatistics",
            "ManagerStatistics");
  }

  @Test
  void theFileSetsWhatThereIsAndNothingElse() {
    Map<String, String> shipped = JfrEvents.configuration().getSettings();
    Set<String> expected = new TreeSet<>();
    for (EventType type : types()) {
      boolean hasStack =
          type.getSettingDescriptors().stream()
              .anyMatch(setting ->
                  setting.getName().equals("stackTrace")
                      && setting.getDefaultValue().equals("true"));
      for (SettingDescriptor setting : type.getSettingDescriptors()) {
        boolean isLeftOut =
            setting.getName().equals("threshold")
                || (setting.getName().equals("stackTrace") && !hasStack)
                || (setting.getName().equals("throttle")
                    && setting.getDefaultValue().equals("off"));
        if (!isLeftOut) {
          expected.add(type.getName() + "#" + setting.getName());
        }
      }
    }
    assertThat(shipped.keySet()).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** Without the file a recording has the same events, as often. */
  @Test
  void theFileRepeatsTheDefaults() {
    Map<String, String> shipped = JfrEvents.configuration().getSettings();
    for (EventType type : types()) {
      for (SettingDescriptor setting : type.getSettingDescriptors()) {
        String value = shipped.get(type.getName() + "#" + setting.getName());
        if (value != null && !setting.getName().equals("olderThan")) {
          assertThat(value)
              .as("%s of %s", setting.getName(), type.getName())
              .isEqualTo(setting.getDefaultValue());
        }
      }
    }
    String age = shipped.getOrDefault("io.cistern.LeakSuspect#olderThan", "");
    assertThat(MinimumAge.parse(age)).isEqualTo(MinimumAge.parse(MinimumAge.DEFAULT));
  }

  @Test
  void everyEventAndFieldSaysWhatItIs() {
    for (EventType type : types()) {
      assertThat(type.getCategoryNames()).as(type.getName()).containsExactly("Cistern");
      assertThat(type.getLabel()).as(type.getName()).isNotBlank();
      assertThat(type.getDescription()).as(type.getName()).isNotBlank();
      for (ValueDescriptor field : type.getFields()) {
        assertThat(field.getLabel()).as(type.getName() + "." + field.getName()).isNotBlank();
        if (field.getName().endsWith("Bytes") && !field.getName().equals("estimatedBlocks")) {
          assertThat(field.getAnnotationElements())
              .as(type.getName() + "." + field.getName())
              .extracting(AnnotationElement::getTypeName)
              .contains("jdk.jfr.DataAmount");
        }
      }
    }
  }

  @Test
  void thePageNamesEveryEventFieldAndSetting() throws IOException {
    String page = Files.readString(PAGE);
    for (EventType type : types()) {
      String name = type.getName().substring(Recorded.PREFIX.length());
      assertThat(page).contains("| `" + name + "` |");
      String row =
          page.lines()
              .filter(line -> line.startsWith("| `" + name + "` |"))
              .findFirst()
              .orElseThrow();
      for (ValueDescriptor field : type.getFields()) {
        if (!Recorded.STANDARD.contains(field.getName()) && !field.getName().equals("pool")) {
          assertThat(row).contains("`" + field.getName() + "`");
        }
      }
    }
    assertThat(page).contains("`pools`", "`olderThan`", "`throttle`", "`period`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "*;frames;true",
        "frames;frames;true",
        "frames;frames2;false",
        "fra*;frames;true",
        "audio, fra*s;frames;true",
        "audio,text;frames;false",
        "a.c;abc;false",
        "*ame*;frames;true"
      })
  void namesOfPools(String value, String pool, boolean matches) {
    PoolFilter filter = new PoolFilter();
    assertThat(filter.matches(pool)).as("all at first").isTrue();
    filter.setValue(value);
    assertThat(filter.getValue()).isEqualTo(value);
    assertThat(filter.matches(pool)).isEqualTo(matches);
  }

  @Test
  void recordingsTogetherGetWhatEachAsksFor() {
    PoolFilter filter = new PoolFilter();
    filter.setValue(filter.combine(Set.of("audio", "fra*")));
    assertThat(filter.matches("frames") && filter.matches("audio")).isTrue();
    assertThat(filter.matches("text")).isFalse();
    assertThat(new MinimumAge().combine(Set.of("5 m", "10 s", "20000 ms"))).isEqualTo("10 s");
    assertThat(new MinimumAge().combine(Set.of())).isEqualTo(MinimumAge.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource({
    "300 s,300000",
    "5 m,300000",
    "1 h,3600000",
    "20ms,20",
    "3000000 ns,3",
    "5000 us,5",
    "1 d,86400000",
    "soon,300000",
    "-1 s,300000",
    "5,300000"
  })
  void agesAreTheRecordersTimes(String value, long millis) {
    assertThat(MinimumAge.parse(value)).isEqualTo(Duration.ofMillis(millis));
    MinimumAge age = new MinimumAge();
    age.setValue(value);
    assertThat(age.getValue()).isEqualTo(value);
    assertThat(age.includes(millis)).isTrue();
    assertThat(age.includes(millis - 1)).isFalse();
    age.setValue(MinimumAge.DEFAULT);
  }
}
