package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces of other class loaders and of named modules, compiled here: who may have a class
 * defined beside them, what those who may not are told, and that nothing keeps a loader alive.
 * These tests run in the named module io.cistern. Budget: 10 s.
 */
@Timeout(60)
class TypedLoadersTest {
  static final StructLayout READING =
      MemoryLayout.structLayout(ValueLayout.JAVA_FLOAT.withName("volts"));
  private static final String INTERFACE =
      """
      package app;
      %sinterface Reading {
        float volts();
        Reading volts(float volts);
      }
      """;
  private static final String KEY =
      """
      package app;
      public final class Key {
        public static java.lang.invoke.MethodHandles.Lookup lookup() {
          return java.lang.invoke.MethodHandles.lookup();
        }
      }
      """;

  @TempDir private Path folder;

  private void source(String file, String text) throws IOException {
    Path path = folder.resolve("src").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Compiles all sources. */
  private Path compile() throws IOException {
    Path classes = folder.resolve("classes");
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
    try (Stream<Path> sources = Files.walk(folder.resolve("src"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    StringWriter errors = new StringWriter();
    PrintWriter out = new PrintWriter(errors);
    int exit =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(out, out, arguments.toArray(new String[0]));
    assertThat(exit).as(errors.toString()).isZero();
    return classes;
  }

  private URLClassLoader classPath() throws IOException {
    return new URLClassLoader(new URL[] {compile().toUri().toURL()}, null);
  }

  private ModuleLayer layer(String descriptor) throws IOException {
    source("module-info.java", descriptor);
    Configuration configuration =
        ModuleLayer.boot()
            .configuration()
            .resolve(ModuleFinder.of(compile()), ModuleFinder.of(), Set.of("app"));
    return ModuleLayer.boot()
        .defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
  }

  private static void assertWorks(TypedPool<?> readings) {
    try (readings;
        TypedBlock<?> reading = readings.allocate()) {
      reading.segment().set(ValueLayout.JAVA_FLOAT, 0, 1.5f);
      assertThat(reading.value()).hasToString("Reading[volts=1.5]");
      assertThat(readings.type().isInstance(reading.value())).isTrue();
      assertThat(reading.value().getClass().getPackageName()).isEqualTo("app");
      assertThat(reading.value().getClass().getClassLoader())
          .isEqualTo(readings.type().getClassLoader());
    }
  }

  @Test
  void anInterfaceOfAnotherClassPathNeedNotBePublic() throws Exception {
    source("app/Reading.java", INTERFACE.formatted(""));
    try (URLClassLoader loader = classPath()) {
      assertWorks(TypedPool.of(loader.loadClass("app.Reading"), READING, 1));
    }
  }

  @Test
  void interfacesOfOneNameInTwoLoadersHaveAClassEach() throws Exception {
    source("app/Reading.java", INTERFACE.formatted(""));
    try (URLClassLoader one = classPath();
        URLClassLoader other = new URLClassLoader(one.getURLs(), null)) {
      assertWorks(TypedPool.of(one.loadClass("app.Reading"), READING, 1));
      assertWorks(TypedPool.of(other.loadClass("app.Reading"), READING, 1));
    }
  }

  @Test
  void anOpenPackageNeedsNothingElse() throws Exception {
    source("app/Reading.java", INTERFACE.formatted(""));
    ModuleLayer layer = layer("module app { opens app; }");
    assertWorks(TypedPool.of(layer.findLoader("app").loadClass("app.Reading"), READING, 1));
  }

  @Test
  void aPackageThatIsNotOpenIsRefusedWithWhatToWrite() throws Exception {
    source("app/Reading.java", INTERFACE.formatted("public "));
    ModuleLayer layer = layer("module app { exports app; }");
    Class<?> type = layer.findLoader("app").loadClass("app.Reading");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TypedPool.of(type, READING, 1))
        .withMessage(
            "interface app.Reading: package app of module app is not open to module io.cistern; write 'opens app to io.cistern;'"
                + " into that module's module-info.java, or pass MethodHandles.lookup() from a class of that module to TypedPool.of")
        .withCauseInstanceOf(IllegalAccessException.class);
  }

  @Test
  void aLookupOfTheModuleOpensIt() throws Exception {
    source("app/Reading.java", INTERFACE.formatted(""));
    source("app/Key.java", KEY);
    ModuleLayer layer = layer("module app { exports app; }");
    ClassLoader loader = layer.findLoader("app");
    Lookup lookup = (Lookup) loader.loadClass("app.Key").getMethod("lookup").invoke(null);
    Class<?> type = loader.loadClass("app.Reading");
    assertWorks(TypedPool.of(lookup, type, READING, 1));
    try (MemoryPool pool = MemoryPool.builder().tier(4, 1).build()) {
      assertWorks(TypedPool.of(lookup, type, READING, pool));
    }
    // That it was made once does not open it to those who have no lookup.
    assertThatIllegalArgumentException().isThrownBy(() -> TypedPool.of(type, READING, 1));
  }

  @Test
  void aLookupOfAnotherModuleDoesNot() throws Exception {
    source("app/Reading.java", INTERFACE.formatted("public "));
    ModuleLayer layer = layer("module app { exports app; }");
    Class<?> type = layer.findLoader("app").loadClass("app.Reading");
    for (Lookup lookup : List.of(MethodHandles.publicLookup(), MethodHandles.lookup())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TypedPool.of(lookup, type, READING, 1))
          .withMessage(
              "interface app.Reading of module app cannot be reached by the lookup that was given, %s of %s: pass"
                      .formatted(lookup, lookup.lookupClass().getModule())
                  + " MethodHandles.lookup() from a class of the interface's module");
    }
  }

  @Test
  void aLoaderThatIsDroppedIsCollected() throws Exception {
    source("app/Reading.java", INTERFACE.formatted(""));
    WeakReference<Class<?>> type = new WeakReference<>(useAndDrop());
    Threads.until("the interface is collected", () -> isCollected(type));
  }

  private Class<?> useAndDrop() throws Exception {
    URLClassLoader loader = classPath();
    Class<?> type = loader.loadClass("app.Reading");
    assertWorks(TypedPool.of(type, READING, 1));
    loader.close();
    return type;
  }

  /** The other way round: what was made for an interface that stays can go. */
  @Test
  void aViewThatNobodyUsesIsCollectedAndMadeAgain() {
    WeakReference<Class<?>> made = new WeakReference<>(generated());
    Threads.until("the generated class is collected", () -> isCollected(made));
    assertThat(generated()).isNotNull();
  }

  interface Own {
    float volts();
  }

  private static Class<?> generated() {
    try (TypedPool<Own> own = TypedPool.of(Own.class, READING, 1);
        TypedBlock<Own> block = own.allocate()) {
      return block.value().getClass();
    }
  }

  private static boolean isCollected(WeakReference<?> reference) {
    System.gc();
    return reference.get() == null;
  }
}
