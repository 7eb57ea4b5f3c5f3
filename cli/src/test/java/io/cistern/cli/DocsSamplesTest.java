package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Java sample in the README and in docs compiles, and every link between pages leads
 * somewhere. A sample stands in a method that has a {@code PoolManager manager} and a {@code
 * MemoryPool pool}; a line with nothing but … stands for the reader's own code. Budget: 20 s.
 */
class DocsSamplesTest {
  private static final Pattern SAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(#[^)]*)?\\)");
  private static final Path ROOT = LadderTest.ROOT;

  private static final String BEFORE =
      """
      import io.cistern.*;
      import io.cistern.config.*;
      import io.cistern.io.*;
      import io.cistern.jdk.*;
      import io.cistern.jdk.jfr.*;
      import java.lang.foreign.*;
      import java.time.Duration;
      class Sample {
        void sample(PARAMETERS) throws Exception {
      """;

  /** What the samples of a page have beyond that: imports, and what is there already. */
  private record Framework(String imports, String parameters) {}

  private static final Framework NONE = new Framework("", "");
  private static final Map<String, Framework> FRAMEWORKS =
      Map.of(
          "metrics.md",
          new Framework(
              """
              import io.cistern.micrometer.*;
              import io.micrometer.core.instrument.*;
              """,
              "MeterRegistry registry"),
          "mqtt.md",
          new Framework("import io.cistern.mqtt.*;\n", ""),
          "dashboard.md",
          new Framework("import io.cistern.dashboard.*;", ""),
          "integrations-netty.md",
          new Framework(
              """
              import io.cistern.netty.*;
              import io.netty.bootstrap.*;
              import io.netty.channel.*;
              """,
              "ServerBootstrap bootstrap"),
          "integrations-jetty.md",
          new Framework(
              """
              import io.cistern.jetty.*;
              import org.eclipse.jetty.server.*;
              import org.eclipse.jetty.util.thread.*;
              """,
              ""));

  private static final String AFTER = "\n  }\n}\n";

  @TempDir private Path folder;

  @TestFactory
  List<DynamicTest> samplesCompile() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher samples = SAMPLE.matcher(Files.readString(page));
      for (int number = 1; samples.find(); number++) {
        String sample = samples.group(1);
        tests.add(
            DynamicTest.dynamicTest(
                ROOT.relativize(page) + " " + number,
                () -> assertThat(errors(sample, framework(page))).isEmpty()));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  @Test
  void aSampleThatDoesNotCompileIsSeen() {
    assertThat(errors("MemoryPool.builder().level(256, 32);", NONE)).contains("level");
  }

  @TestFactory
  List<DynamicTest> linksLeadSomewhere() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      tests.add(
          DynamicTest.dynamicTest(
              ROOT.relativize(page).toString(), () -> assertThat(deadLinks(page)).isEmpty()));
    }
    return tests;
  }

  private static List<String> deadLinks(Path page) throws IOException {
    List<String> dead = new ArrayList<>();
    Matcher links = LINK.matcher(Files.readString(page));
    while (links.find()) {
      String target = links.group(1);
      if (!target.contains("://") && !Files.exists(page.resolveSibling(target))) {
        dead.add(target);
      }
    }
    return dead;
  }

  private static Framework framework(Path page) {
    return FRAMEWORKS.getOrDefault(page.getFileName().toString(), NONE);
  }

  private String errors(String sample, Framework framework) {
    String manager = sample.contains("PoolManager manager =") ? "" : "PoolManager manager";
    String pool = sample.contains("MemoryPool pool =") ? "" : "MemoryPool pool";
    String parameters =
        Stream.of(manager, pool, framework.parameters)
            .filter(parameter -> !parameter.isEmpty())
            .collect(Collectors.joining(", "));
    return compile(
        framework.imports
            + BEFORE.replace("PARAMETERS", parameters)
            + sample.replace("…", "")
            + AFTER);
  }

  private String compile(String source) {
    StringWriter errors = new StringWriter();
    PrintWriter out = new PrintWriter(errors);
    int code =
        ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments(write(source)));
    assertThat(code == 0).isEqualTo(errors.toString().isEmpty());
    return errors.toString();
  }

  private Path write(String source) {
    try {
      return Files.writeString(folder.resolve("Sample.java"), source);
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }

  private String[] arguments(Path source) {
    String path =
        Stream.of("java.class.path", "jdk.module.path")
            .map(property -> System.getProperty(property, ""))
            .collect(Collectors.joining(File.pathSeparator));
    return new String[] {
      "-d",
      folder.toString(),
      "-proc:none",
      "-nowarn",
      "-encoding",
      "UTF-8",
      "-classpath",
      path,
      source.toString()
    };
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file ->
              Stream.of("target", ".git", "node_modules").noneMatch(skip -> contains(file, skip)))
          .sorted()
          .toList();
    }
  }

  private static boolean contains(Path file, String folder) {
    for (Path name : ROOT.relativize(file)) {
      if (name.toString().equals(folder)) {
        return true;
      }
    }
    return false;
  }
}
