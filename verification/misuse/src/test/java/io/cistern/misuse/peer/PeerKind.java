package io.cistern.misuse.peer;

import static io.cistern.misuse.peer.Peer.Ability.ADDRESSES;
import static io.cistern.misuse.peer.Peer.Ability.CLOSE;
import static io.cistern.misuse.peer.Peer.Ability.NIO;
import static io.cistern.misuse.peer.Peer.Ability.OBJECTS;
import static io.cistern.misuse.peer.Peer.Ability.SLICE;

import io.cistern.CheckLevel;
import io.cistern.misuse.peer.Peer.Ability;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.RootAllocator;
import org.eclipse.jetty.io.ArrayByteBufferPool;

/** The columns of the peers' table. */
enum PeerKind {
  /** Ourselves, for comparison. */
  CISTERN("Cistern, STANDARD"),
  /** Ourselves, with all checks. */
  CISTERN_GUARDED("Cistern, GUARDED"),
  /** Netty's older one. */
  NETTY_POOLED("Netty pooled"),
  /** Netty's default. */
  NETTY_ADAPTIVE("Netty adaptive"),
  /** Jetty's. */
  JETTY("Jetty"),
  /** Arrow's. */
  ARROW("Arrow"),
  /** The C library's. */
  GLIBC("glibc");

  private final String text;

  PeerKind(String text) {
    this.text = text;
  }

  /** Makes one; only in a JVM of its own. */
  Peer open() {
    Netty.prepare();
    return switch (this) {
      case CISTERN -> new Cistern(CheckLevel.STANDARD);
      case CISTERN_GUARDED -> new Cistern(CheckLevel.GUARDED);
      case NETTY_POOLED -> new Netty(new PooledByteBufAllocator(true));
      case NETTY_ADAPTIVE -> new Netty(new AdaptiveByteBufAllocator());
      case JETTY -> new Jetty();
      case ARROW -> new Arrow();
      case GLIBC -> new Glibc();
    };
  }

  private Set<Ability> abilities() {
    return switch (this) {
      case CISTERN, CISTERN_GUARDED -> EnumSet.allOf(Ability.class);
      case NETTY_POOLED, NETTY_ADAPTIVE -> EnumSet.of(NIO, SLICE, OBJECTS);
      case JETTY -> EnumSet.of(NIO, OBJECTS);
      case ARROW -> EnumSet.of(NIO, SLICE, OBJECTS, CLOSE);
      case GLIBC -> EnumSet.of(ADDRESSES);
    };
  }

  /** Those that can be expressed with it. */
  List<PeerCase> cases() {
    Set<Ability> abilities = abilities();
    return PeerMisuses.cases().stream().filter(one -> abilities.containsAll(one.needs())).toList();
  }

  /** As the table says it. */
  String text() {
    return text;
  }

  /** One line that says what was run. */
  static String versions() {
    return "Netty %s at leak level PARANOID, Jetty %s, Arrow %s"
        .formatted(
            version(PooledByteBufAllocator.class),
            version(ArrayByteBufferPool.class),
            version(RootAllocator.class));
  }

  /** The name of a library's file, without the library's own name. */
  private static String version(Class<?> ofLibrary) {
    String file = ofLibrary.getProtectionDomain().getCodeSource().getLocation().getPath();
    String jar = file.substring(file.lastIndexOf('/') + 1).replaceAll("\\.jar$", "");
    return jar.replaceAll("^[a-z-]+-", "");
  }
}
