package io.cistern.simulator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.simulator.Replay;
import io.cistern.simulator.ReplayListener;
import io.cistern.simulator.ReplayOptions;
import io.cistern.simulator.ReplayResult;
import io.cistern.simulator.Samples;
import io.cistern.simulator.Subject;
import io.cistern.simulator.Trace;
import io.cistern.simulator.tune.Tuner;
import io.cistern.simulator.tune.Tuning;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Charts say what is on them, and are files of their kind. Time budget: 8 s. */
class ChartsTest {
  @TempDir private Path folder;

  private static List<ReplayResult> results(String subject) {
    Replay replay =
        new Replay(
            List.of(Subject.of(subject), Subject.of("malloc")),
            ReplayOptions.checking(1),
            ReplayListener.NONE);
    List<ReplayResult> results = new ArrayList<>(replay.run(Samples.random(1, 400)));
    results.addAll(replay.run(Samples.of("a 0 8", "f 0")));
    return results;
  }

  @Test
  void replayAsSvg() throws Exception {
    Path file = folder.resolve("replay.svg");
    ReplayChart.write(file, results("variable"));
    assertThat(Files.readString(file))
        .contains(
            "<svg", "made.rep: 400 operations", "live bytes", "external fragmentation, variable");
    String first = Files.readString(file);
    ReplayChart.write(file, results("variable"));
    assertThat(file).hasContent(first);
  }

  @Test
  void replayAsPng() throws Exception {
    Path file = folder.resolve("replay.PNG");
    ReplayChart.write(file, results("tiers:prism"));
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(1800);
    assertThat(image.getRGB(2, 2)).isEqualTo(0xffffffff);
  }

  @Test
  void tiers() throws Exception {
    Trace trace = Samples.random(2, 600);
    Tuning tuning = Tuner.tune(List.of(trace), 5, 0, ReplayListener.NONE);
    Path file = folder.resolve("tiers.svg");
    TuneChart.write(file, "tiers for made.rep", tuning);
    int size = tuning.uses().getFirst().blockSizeBytes();
    assertThat(Files.readString(file))
        .contains("tiers for made.rep", "asked for", "lost in used blocks", "free blocks")
        .contains("× %,d B".formatted(size));
  }

  @Test
  void kindsOfFiles() {
    assertThat(ChartFile.isChart(Path.of("a.svg"))).isTrue();
    assertThat(ChartFile.isChart(Path.of("x", "A.PNG"))).isTrue();
    assertThat(ChartFile.isChart(Path.of("a.pdf"))).isFalse();
    assertThat(ChartFile.isChart(Path.of("svg"))).isFalse();
  }
}
