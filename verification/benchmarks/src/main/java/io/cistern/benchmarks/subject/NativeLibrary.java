package io.cistern.benchmarks.subject;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A C library that allocates, called through the Foreign Function &amp; Memory API. Its functions
 * are linked as critical: no state transition of the thread, the cheapest call there is.
 *
 * <p>Libraries are opened for the life of the JVM: mimalloc crashes it when unloaded. jemalloc and
 * tcmalloc keep thread-local data in the space that the loader reserves at start and refuse to be
 * opened later, so they must be preloaded.
 */
@SuppressWarnings("restricted") // the benchmarks run with native access
public enum NativeLibrary {
  /** The C library of the system. */
  GLIBC("", "malloc", "free", false),
  /** Microsoft's. */
  MIMALLOC("libmimalloc.so.2", "mi_malloc", "mi_free", false),
  /** FreeBSD's and Meta's. */
  JEMALLOC("libjemalloc.so.2", "malloc", "free", true),
  /** Google's, as gperftools has it. */
  TCMALLOC("libtcmalloc_minimal.so.4", "tc_malloc", "tc_free", true);

  private static final Path SYSTEM_LIBRARIES = Path.of("/usr/lib");

  private final String file;
  private final String malloc;
  private final String free;
  private final boolean preloaded;

  NativeLibrary(String file, String malloc, String free, boolean preloaded) {
    this.file = file;
    this.malloc = malloc;
    this.free = free;
    this.preloaded = preloaded;
  }

  /**
   * Whether it works only in a JVM that was started with it in {@code LD_PRELOAD}.
   *
   * @return true for libraries that cannot be opened later
   */
  public boolean isPreloaded() {
    return preloaded;
  }

  /**
   * The name under which systems keep it.
   *
   * @return a file name; empty for the C library, which every process has
   */
  public String file() {
    return file;
  }

  /**
   * Where the library lies. Only what the system's package manager installs is looked at.
   *
   * @return the file without links in its path, or nothing where it is not installed
   */
  public Optional<Path> path() {
    if (!Files.isDirectory(SYSTEM_LIBRARIES)) {
      return Optional.empty();
    }
    try (Stream<Path> folders = Files.list(SYSTEM_LIBRARIES)) {
      return Stream.concat(folders.filter(Files::isDirectory), Stream.of(SYSTEM_LIBRARIES))
          .map(folder -> folder.resolve(file))
          .filter(Files::isRegularFile)
          .sorted()
          .findFirst();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Whether it can be measured on this machine.
   *
   * @return true when it is installed
   */
  public boolean isInstalled() {
    return this == GLIBC ? lookup().find(malloc).isPresent() : path().isPresent();
  }

  /**
   * Which version is measured.
   *
   * @return the C library's own word, or the file that a library's name leads to; nothing when it
   *     is not installed
   */
  public Optional<String> version() {
    return this == GLIBC ? Optional.of(libcVersion()) : path().map(NativeLibrary::target);
  }

  private static String libcVersion() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("gnu_get_libc_version")
        .map(
            function -> linker.downcallHandle(function, FunctionDescriptor.of(ValueLayout.ADDRESS)))
        .map(version -> {
          try {
            MemorySegment text = (MemorySegment) version.invokeExact();
            return "glibc " + text.reinterpret(Long.MAX_VALUE).getString(0);
          } catch (Throwable unexpected) {
            throw new IllegalStateException(unexpected);
          }
        })
        .orElse("libc of unknown version");
  }

  private static String target(Path library) {
    try {
      return String.valueOf(library.toRealPath().getFileName());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** {@code long malloc(long size)}: an address, 0 when there is no memory. */
  MethodHandle linkMalloc() {
    return link(malloc, FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  }

  /** {@code void free(long address)}. */
  MethodHandle linkFree() {
    return link(free, FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
  }

  private MethodHandle link(String symbol, FunctionDescriptor type) {
    return Linker.nativeLinker()
        .downcallHandle(lookup().findOrThrow(symbol), type, Linker.Option.critical(false));
  }

  private SymbolLookup lookup() {
    return this == GLIBC
        ? Linker.nativeLinker().defaultLookup()
        : SymbolLookup.libraryLookup(
            path().orElseThrow(() -> new IllegalStateException(file + " is not installed")),
            Arena.global());
  }
}
