package io.cistern.benchmarks.subject;

import io.cistern.CheckLevel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Everything that is measured: our own forms first, then the peers, each with the flags that its
 * JVM gets. {@code docs/performance.md} says for each how it was set up and why.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists are copies, the functions have no state
public enum Subject {
  /** The handle form of a pool for all threads. */
  CISTERN_SHARED(Part.EVERYTHING, () -> CisternPools.shared(HandleWorker::new)),
  /** The handle form of a pool for each thread. */
  CISTERN_CONFINED(Part.OWN_THREAD, () -> CisternPools.confined(HandleWorker::new)),
  /** {@code MemoryBlock}s of a pool for all threads. */
  CISTERN_BLOCK(Part.EVERYTHING, () -> CisternPools.shared(BlockWorker::new)),
  /** A pool for all threads, with a listener. */
  CISTERN_SHARED_LISTENER(Part.PAIRS, () -> CisternPools.listened(HandleWorker::new)),
  /** A pool for all threads, whose events a flight recording has. */
  CISTERN_SHARED_RECORDED(Part.PAIRS, () -> CisternPools.recorded(HandleWorker::new)),
  /** A pool for all threads that samples no allocation for leak reports. */
  CISTERN_SHARED_UNSAMPLED(Part.PAIRS, () -> CisternPools.unsampled(HandleWorker::new)),
  /** A pool that is governed, by labels. */
  CISTERN_LABELLED(Part.PAIRS, () -> CisternPools.labelled(HandleWorker::new)),
  /** A pool that is checked. */
  CISTERN_CHECKED(Part.PAIRS, () -> CisternPools.checked(CheckLevel.CHECKED, HandleWorker::new)),
  /** A pool whose blocks are guarded. */
  CISTERN_GUARDED(Part.PAIRS, () -> CisternPools.checked(CheckLevel.GUARDED, BlockWorker::new)),
  /** An arena for each allocation, over a pool for all threads. */
  CISTERN_ARENA(Part.ARENAS, () -> CisternPools.shared(ArenaWorker::confined)),
  /** An arena for each allocation, over a pool for each thread. */
  CISTERN_CONFINED_ARENA(Part.ARENAS, () -> CisternPools.confined(ArenaWorker::confined)),
  /** A shared arena for each allocation, over a pool for all threads. */
  CISTERN_SHARED_ARENA(Part.ARENAS, () -> CisternPools.shared(ArenaWorker::shared)),
  /** Several blocks in one call, of a pool for all threads. */
  CISTERN_SHARED_BULK(Part.BATCHES, () -> CisternPools.shared(BulkWorker::new)),
  /** Several blocks in one call, of a pool for each thread. */
  CISTERN_CONFINED_BULK(Part.BATCHES, () -> CisternPools.confined(BulkWorker::new)),

  /** Netty's buffers over a pool, on Netty's threads. */
  CISTERN_NETTY(Part.EVERYTHING, NettyWorker::cistern, Flags.NETTY_THREADS),
  /** Netty's buffers over a pool, on plain threads. */
  CISTERN_NETTY_PLAIN(Part.EVERYTHING, NettyWorker::cistern, Flags.NETTY),
  /** Jetty's buffers over a pool. */
  CISTERN_JETTY(Part.EVERYTHING, JettyWorker::cistern),
  /** Arrow's buffers over a pool. */
  CISTERN_ARROW(Part.EVERYTHING, ArrowWorker::cistern, Flags.ARROW),

  /** The C library. Every ratio is one to it. */
  MALLOC_FFM(NativeLibrary.GLIBC, NativeWorker.Glibc::new),
  /** mimalloc. */
  MIMALLOC_FFM(NativeLibrary.MIMALLOC, NativeWorker.Mimalloc::new),
  /** jemalloc. */
  JEMALLOC_FFM(NativeLibrary.JEMALLOC, NativeWorker.Jemalloc::new),
  /** tcmalloc. */
  TCMALLOC_FFM(NativeLibrary.TCMALLOC, NativeWorker.Tcmalloc::new),

  /** Netty's pooled allocator on Netty's threads. */
  NETTY_POOLED(Part.EVERYTHING, NettyWorker::pooled, Flags.NETTY_THREADS),
  /** Netty's adaptive allocator on Netty's threads. */
  NETTY_ADAPTIVE(Part.EVERYTHING, NettyWorker::adaptive, Flags.NETTY_THREADS),
  /** Netty's pooled allocator on plain threads. */
  NETTY_POOLED_PLAIN(Part.EVERYTHING, NettyWorker::pooled, Flags.NETTY),
  /** Netty's adaptive allocator on plain threads. */
  NETTY_ADAPTIVE_PLAIN(Part.EVERYTHING, NettyWorker::adaptive, Flags.NETTY),
  /** Jetty's pool. */
  JETTY(Part.EVERYTHING, JettyWorker::open),
  /** Arrow's root allocator. */
  ARROW(Part.EVERYTHING, ArrowWorker::open, Flags.ARROW),
  /** Netty's buffer object over memory that costs nothing. */
  NETTY_COSTLESS(Part.PAIRS, NettyWorker::costless, Flags.NETTY_THREADS),
  /** Jetty's buffer object over memory that costs nothing. */
  JETTY_COSTLESS(Part.PAIRS, JettyWorker::costless),
  /** Arrow's buffers over memory that costs nothing. */
  ARROW_COSTLESS(Part.PAIRS, ArrowWorker::costless, Flags.ARROW),
  /** Kafka's producer pool. */
  KAFKA(Part.EVERYTHING, KafkaWorker::open),

  /** A confined arena for each allocation. */
  ARENA_CONFINED(Part.OWN_THREAD, () -> JdkWorkers.Confined::new),
  /** A shared arena for each allocation. */
  ARENA_SHARED(Part.ARENAS, () -> JdkWorkers.Shared::new),
  /** An automatic arena for each allocation. */
  ARENA_AUTO(Part.PAIRS, () -> JdkWorkers.Auto::new),
  /** {@code ByteBuffer.allocateDirect}. */
  DIRECT(Part.PAIRS, () -> JdkWorkers.Direct::new);

  /** The patterns that a subject can take part in. */
  public enum Part {
    /** All that compare subjects. */
    EVERYTHING,
    /** All but the hand-off: only the allocating thread may free. */
    OWN_THREAD,
    /** Pairs alone: what is freed by the garbage collector, and variants. */
    PAIRS,
    /** What the JDK's arenas do too. */
    ARENAS,
    /** Batches alone: what frees several at once. */
    BATCHES
  }

  private final Part part;
  private final Supplier<Allocator> opener;
  private final List<String> flags;
  private final Optional<NativeLibrary> library;

  Subject(Part part, Supplier<Allocator> opener, String... flags) {
    this.part = part;
    this.opener = opener;
    this.flags = List.of(flags);
    this.library = Optional.empty();
  }

  Subject(NativeLibrary library, IntFunction<Worker> workers) {
    this.part = Part.EVERYTHING;
    this.opener = () -> workers::apply;
    this.flags = List.of();
    this.library = Optional.of(library);
  }

  /**
   * The subject of a name.
   *
   * @param id as {@link #id()} gives it
   * @return the subject, or nothing
   */
  public static Optional<Subject> of(String id) {
    return Arrays.stream(values()).filter(subject -> subject.id().equals(id)).findFirst();
  }

  /**
   * The name in reports and on the command line.
   *
   * @return such as {@code cistern-shared}
   */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What it takes part in.
   *
   * @return which patterns
   */
  public Part part() {
    return part;
  }

  /**
   * Whether it is somebody else's allocator, and neither a form of our own pools nor the objects of
   * a framework without an allocator behind them.
   *
   * @return false for {@code cistern-*} and {@code *-costless}
   */
  public boolean isPeer() {
    return !name().startsWith("CISTERN") && !name().endsWith("COSTLESS");
  }

  /**
   * The C library that it calls.
   *
   * @return nothing for what is written in Java
   */
  public Optional<NativeLibrary> library() {
    return library;
  }

  /**
   * Flags that its JVM gets beyond those that all get.
   *
   * @return JVM flags
   */
  public List<String> flags() {
    return flags;
  }

  /**
   * Opens the allocator, in the JVM that measures it.
   *
   * @return an open allocator
   */
  public Allocator open() {
    return opener.get();
  }

  /** Flags that peers need to be at their best. */
  private static final class Flags {
    /**
     * Unsafe, which JDK 25 and Netty both turn off by default; no leak samples; caches up to our
     * largest size, which is above Netty's default.
     */
    static final String[] NETTY = {
      "--sun-misc-unsafe-memory-access=allow",
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
      "-Dio.netty.noUnsafe=false",
      "-Dio.netty.tryReflectionSetAccessible=true",
      "-Dio.netty.leakDetection.level=disabled",
      "-Dio.netty.allocator.maxCachedBufferCapacity=65536"
    };

    static final String[] NETTY_THREADS = onNettyThreads();

    /** Unsafe, and no bounds check on access. */
    static final String[] ARROW = {
      "--sun-misc-unsafe-memory-access=allow",
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "-Darrow.enable_unsafe_memory_access=true",
      "-Darrow.enable_null_check_for_get=false"
    };

    private Flags() {}

    private static String[] onNettyThreads() {
      String[] flags = Arrays.copyOf(NETTY, NETTY.length + 2);
      flags[NETTY.length] = "-Djmh.executor=CUSTOM";
      flags[NETTY.length + 1] = "-Djmh.executor.class=io.cistern.benchmarks.subject.FastThreads";
      return flags;
    }
  }
}
