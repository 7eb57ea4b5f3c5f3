package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program of docs/typed.md compiles, runs, and prints what stands below it there; the refusal
 * that the page shows is the one that is thrown. The page's other samples are compiled with those
 * of all pages. Budget: 5 s.
 */
@Timeout(60)
class TypedDocsTest {
  private static final Path PAGE = Path.of("..", "docs", "typed.md");

  @TempDir private Path folder;

  private static String after(String page, String opening) {
    int start = page.indexOf(opening) + opening.length();
    assertThat(start).as("'%s' in %s", opening, PAGE).isGreaterThan(opening.length());
    return page.substring(start, page.indexOf("```", start));
  }

  private Class<?> compile(String source, String name) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    StringWriter errors = new StringWriter();
    PrintWriter out = new PrintWriter(errors);
    int exit =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                out,
                out,
                "-proc:none",
                "-encoding",
                "UTF-8",
                "-classpath",
                core().toString(),
                "-d",
                folder.toString(),
                file.toString());
    assertThat(exit).as(errors.toString()).isZero();
    URL[] classes = {folder.toUri().toURL()};
    return new URLClassLoader(classes, TypedDocsTest.class.getClassLoader()).loadClass(name);
  }

  private static Path core() throws URISyntaxException {
    return Path.of(MemoryPool.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String run(Class<?> program) throws ReflectiveOperationException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theProgramPrintsWhatThePageSays() throws Exception {
    String page = Files.readString(PAGE);
    String printed = run(compile(after(page, "```java program\n"), "Readings"));
    assertThat(printed).isEqualTo(after(page, "It prints:\n\n```text\n"));
  }

  @Test
  void theRefusalIsTheOneThatIsThrown() throws IOException {
    assertThat(Files.readString(PAGE)).contains(refusal().replace(name(), "app.Reading"));
  }

  interface Reading {
    double volts();
  }

  private static String name() {
    return Reading.class.getName();
  }

  private static String refusal() {
    try (TypedPool<Reading> accepted = TypedPool.of(Reading.class, TypedLoadersTest.READING, 1)) {
      return "not refused by " + accepted;
    } catch (IllegalArgumentException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
