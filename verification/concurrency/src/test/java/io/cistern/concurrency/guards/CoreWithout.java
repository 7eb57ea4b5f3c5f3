package io.cistern.concurrency.guards;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** A copy of core that lacks one guard, compiled. */
final class CoreWithout {
  private static final Path CORE = Path.of("..", "..", "core", "src", "main", "java");

  private CoreWithout() {}

  /**
   * Compiles core without a guard.
   *
   * @param folder gets sources and classes
   * @return the folder of the classes
   */
  static Path compile(Guard guard, Path folder) throws IOException {
    Path sources = folder.resolve("src");
    copy(sources);
    for (Guard.Edit edit : guard.edits()) {
      Path file = sources.resolve("io", "cistern").resolve(edit.file());
      Files.writeString(file, edit.apply(Files.readString(file)));
    }
    Path classes = folder.resolve("classes");
    List<String> args = new ArrayList<>();
    args.addAll(List.of("-d", classes.toString(), "-proc:none", "-nowarn"));
    args.addAll(List.of("-cp", System.getProperty("java.class.path")));
    try (Stream<Path> files = Files.walk(sources)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(args::add);
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler.run(null, null, null, args.toArray(String[]::new)) != 0) {
      throw new IllegalStateException("core without '" + guard + "' does not compile");
    }
    return classes;
  }

  private static void copy(Path sources) throws IOException {
    try (Stream<Path> files = Files.walk(CORE)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".java") && !file.endsWith("module-info.java")) {
          Path target = sources.resolve(CORE.relativize(file));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }
}
