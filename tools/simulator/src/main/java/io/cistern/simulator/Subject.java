package io.cistern.simulator;

import io.cistern.config.Profile;
import io.cistern.config.ProfileException;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;

/**
 * What a trace is replayed on: our two kinds of pool, and the peers, each set up at its best.
 *
 * <ul>
 *   <li>{@link Tiers}: the pool of a profile, as large as the profile says;
 *   <li>{@link Variable}: a pool of variable sizes, in the smallest region that completes the
 *       trace;
 *   <li>{@link Malloc}: the C library's {@code malloc}, {@code realloc} and {@code free}, called
 *       without a state transition;
 *   <li>{@link Netty}: direct buffers of an allocator of Netty, on Netty's own threads.
 * </ul>
 */
public sealed interface Subject {
  /** What {@link #of} takes. */
  String NAMES = "tiers:PROFILE, variable, malloc, netty or netty-adaptive";

  /**
   * The subject of a name.
   *
   * @param name one of {@link #NAMES}
   * @return the subject; nothing is opened yet
   * @throws IllegalArgumentException when there is none of that name
   * @throws ProfileException when the profile is refused
   */
  static Subject of(String name) {
    return switch (name) {
      case "variable" -> new Variable();
      case "malloc" -> new Malloc();
      case "netty" -> new Netty(Netty.Kind.POOLED);
      case "netty-adaptive" -> new Netty(Netty.Kind.ADAPTIVE);
      default -> {
        if (!name.startsWith(Tiers.PREFIX)) {
          throw new IllegalArgumentException("%s: must be %s".formatted(name, NAMES));
        }
        yield new Tiers(Profile.load(name.substring(Tiers.PREFIX.length())));
      }
    };
  }

  /**
   * The name in reports and on the command line.
   *
   * @return as {@link #of} takes it; a profile that was read from a file goes by its own name
   */
  String id();

  /**
   * Opens the memory for replays of one trace.
   *
   * @param room what it must hold
   * @return open memory, which the caller closes
   */
  Memory open(Room room);

  /**
   * Threads of the kind on which this subject is at its best.
   *
   * @return makes daemon threads
   */
  default ThreadFactory threads() {
    return Thread.ofPlatform().daemon().name("replay-", 0).factory();
  }

  /**
   * What memory must hold.
   *
   * @param regionBytes for those that are of one region, and do not come with a size of their own
   * @param blocks that are live at once, at most
   */
  record Room(long regionBytes, int blocks) {}

  /**
   * A pool of a profile: that from which frames are taken, when the profile says so, else the one
   * with the largest blocks.
   *
   * @param profile checked already
   */
  record Tiers(Profile profile) implements Subject {
    static final String PREFIX = "tiers:";

    @Override
    public String id() {
      return PREFIX + profile.name();
    }

    @Override
    public Memory open(Room room) {
      return PoolMemory.ofProfile(profile);
    }
  }

  /** A pool of variable sizes over one region. */
  record Variable() implements Subject {
    @Override
    public String id() {
      return "variable";
    }

    @Override
    public Memory open(Room room) {
      return PoolMemory.variable(room);
    }
  }

  /** The C library. */
  record Malloc() implements Subject {
    @Override
    public String id() {
      return "malloc";
    }

    @Override
    public Memory open(Room room) {
      return new MallocMemory();
    }
  }

  /**
   * An allocator of Netty.
   *
   * @param kind which one
   */
  record Netty(Kind kind) implements Subject {
    /** Netty's allocators. */
    public enum Kind {
      /** The one with caches for each thread, {@code PooledByteBufAllocator}. */
      POOLED,
      /** Netty's default since 4.2, {@code AdaptiveByteBufAllocator}. */
      ADAPTIVE
    }

    @Override
    public String id() {
      return kind == Kind.POOLED ? "netty" : "netty-" + kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Memory open(Room room) {
      return new NettyMemory(kind);
    }

    @Override
    public ThreadFactory threads() {
      return NettyMemory.threads();
    }
  }
}
