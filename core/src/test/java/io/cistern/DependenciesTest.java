package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Core needs java.base alone, exports its public face alone, and calls nothing restricted. */
class DependenciesTest {
  /** Where core was compiled to, with its module descriptor and without these tests. */
  private static Path classes() {
    try {
      return Path.of(MemoryPool.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static ModuleDescriptor descriptor() throws IOException {
    try (var in = Files.newInputStream(classes().resolve("module-info.class"))) {
      return ModuleDescriptor.read(in);
    }
  }

  @Test
  void theModuleRequiresJavaBaseAlone() throws IOException {
    ModuleDescriptor core = descriptor();
    assertThat(core.name()).isEqualTo("io.cistern");
    assertThat(core.requires())
        .filteredOn(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactly("java.base");
    assertThat(core.requires())
        .filteredOn(r -> r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactly("org.jspecify");
  }

  @Test
  void internalsAreNotExported() throws IOException {
    assertThat(descriptor().exports())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactly("io.cistern");
    assertThat(descriptor().opens()).isEmpty();
    assertThat(descriptor().isOpen()).isFalse();
  }

  @Test
  void noClassRefersToAnythingElse() {
    String classes = classes().toString();
    List<String> references =
        run("jdeps", "--ignore-missing-deps", "-verbose:class", "-filter:none", classes)
            .lines()
            .filter(line -> line.startsWith("  ") && line.contains(" -> "))
            .map(line -> line.substring(line.indexOf("-> ") + 3).strip())
            .filter(target -> !target.startsWith("org.jspecify.annotations."))
            .toList();
    assertThat(references).hasSizeGreaterThan(200);
    assertThat(references)
        .allMatch(target -> target.endsWith(" java.base") || target.startsWith("io.cistern."));
  }

  /** It asks first, and does without where native access is not allowed. */
  @Test
  void twoClassesAloneCallWhatNeedsNativeAccess() {
    String report = run("jnativescan", "--class-path", classes().toString());
    assertThat(report.lines().filter(line -> line.contains("io.cistern")).map(String::strip))
        .isNotEmpty()
        .allMatch(line ->
            line.startsWith("io.cistern.internal.SystemMemory")
                || line.startsWith("io.cistern.NativeAccess"));
    assertThat(classFiles()).isGreaterThan(20);
  }

  private static long classFiles() {
    try (Stream<Path> files = Files.walk(classes())) {
      return files.filter(file -> file.toString().endsWith(".class")).count();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String run(String tool, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int exit =
        ToolProvider.findFirst(tool)
            .orElseThrow()
            .run(new PrintWriter(out), new PrintWriter(errors), arguments);
    assertThat(exit).as("%s: %s%s", tool, out, errors).isZero();
    return out.toString();
  }
}
