package io.cistern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sample of docs/testkit.md compiles, and fails as it says. Time budget: 5 seconds. */
@Timeout(60)
class DocsTest {
  private static final Pattern SAMPLE = Pattern.compile("```java test\n(.*?)```", Pattern.DOTALL);
  private static final Pattern OUTPUT = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  private static String first(Pattern what, String page) {
    Matcher found = what.matcher(page);
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @Test
  void theSampleFailsAsThePageSays() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "testkit.md"));
    Path source = folder.resolve("GreetingTest.java");
    Files.writeString(source, first(SAMPLE, page));
    assertThat(compile(source)).isEmpty();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, DocsTest.class.getClassLoader())) {
      Outcome outcome = Outcome.of(loader.loadClass("GreetingTest"));
      assertThat(outcome.passed()).containsExactly("greets(MemoryPool)");
      assertThat(outcome.failed()).containsExactly("forgets(MemoryPool)");
      String shown = first(OUTPUT, page).replace("java.lang.AssertionError: ", "").stripTrailing();
      assertThat(comparable(outcome.messages().getFirst())).startsWith(comparable(shown));
    }
  }

  /** Without what is different each time. */
  private static String comparable(String message) {
    return message
        .replaceAll("oldest [0-9.]+ s, by .*", "oldest, by")
        .replaceAll("at \\S*GreetingTest\\.", "at GreetingTest.");
  }

  private static String compile(Path source) throws IOException {
    StringWriter errors = new StringWriter();
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    String path =
        System.getProperty("java.class.path")
            + System.getProperty("path.separator")
            + System.getProperty("jdk.module.path", "");
    int exit =
        javac.run(
            new PrintWriter(errors),
            new PrintWriter(errors),
            "-proc:none",
            "-cp",
            path,
            "-d",
            source.resolveSibling("").toString(),
            source.toString());
    return exit == 0 ? "" : errors.toString();
  }
}
