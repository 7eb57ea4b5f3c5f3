package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sample of docs/integrations-arrow.md compiles. Time budget: 5 seconds. */
@Timeout(60)
class DocsTest {
  private static final Pattern SAMPLE = Pattern.compile("```java arrow\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void theTwoLinesCompile() throws Exception {
    String page = Files.readString(Path.of("..", "..", "docs", "integrations-arrow.md"));
    Matcher sample = SAMPLE.matcher(page);
    assertThat(sample.find()).isTrue();
    assertThat(errors(sample.group(1))).isEmpty();
    assertThat(errors("nonsense();")).contains("nonsense");
  }

  private String errors(String lines) throws Exception {
    Path source = folder.resolve("Sample.java");
    Files.writeString(
        source,
        """
        import io.cistern.arrow.*;
        import org.apache.arrow.memory.*;
        class Sample {
          void sample() {
        %s
          }
        }
        """
            .formatted(lines));
    StringWriter errors = new StringWriter();
    int exit =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                new PrintWriter(errors),
                new PrintWriter(errors),
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    return exit == 0 ? "" : errors.toString();
  }
}
