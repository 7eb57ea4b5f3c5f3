package io.cistern.misuse.peer;

import static io.cistern.misuse.peer.Peer.Ability.ADDRESSES;
import static io.cistern.misuse.peer.Peer.Ability.CLOSE;
import static io.cistern.misuse.peer.Peer.Ability.NIO;
import static io.cistern.misuse.peer.Peer.Ability.OBJECTS;
import static io.cistern.misuse.peer.Peer.Ability.SLICE;
import static io.cistern.misuse.peer.PeerStage.SIZE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.misuse.Call;
import io.cistern.misuse.Elsewhere;
import io.cistern.misuse.peer.Peer.Ability;
import io.cistern.misuse.peer.PeerCase.PeerMisuse;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The cases that can be expressed with other allocators too, in words that all of them know. */
final class PeerMisuses {
  private static final byte WRITTEN = 0x5A;
  private static final int TRIES = 64;
  private static final Duration LEAK_LIMIT = Duration.ofSeconds(3);

  private PeerMisuses() {}

  /** A way to free a buffer. */
  @FunctionalInterface
  private interface Free {
    void free(Buffer buffer) throws Throwable;
  }

  /** In the order of the table. */
  static List<PeerCase> cases() {
    List<PeerCase> cases = new ArrayList<>();
    cases.addAll(frees());
    cases.addAll(foreignFrees());
    for (int distance : new int[] {1, 8, 64}) {
      cases.addAll(bounds(distance));
    }
    cases.addAll(writesAfterFree());
    cases.addAll(readsAfterFree());
    cases.addAll(endings());
    return cases;
  }

  private static PeerCase of(String name, PeerMisuse misuse, Ability... needs) {
    return new PeerCase(name, Set.of(needs), misuse);
  }

  private static List<PeerCase> frees() {
    return List.of(
        of(
            "double free, at once",
            stage -> {
              Buffer victim = stage.victim();
              stage.free(victim, victim::free);
            }),
        of(
            "double free, after one other free",
            stage -> {
              Buffer victim = stage.victim();
              Buffer other = stage.own();
              Call again = victim::free;
              stage.free(victim);
              stage.free(other, again);
            }),
        of(
            "double free, on another thread",
            stage -> {
              Buffer victim = stage.victim();
              stage.free(victim, () -> Elsewhere.run(victim::free));
            }),
        of("stale free, in one of 64 tries", stage -> staleFrees(stage, Buffer::free)),
        of(
            "stale free, on another thread, in one of 64 tries",
            stage -> staleFrees(stage, victim -> Elsewhere.run(victim::free))));
  }

  /** Objects that an allocator uses again are not used again at once. */
  private static void staleFrees(PeerStage stage, Free free) {
    for (int tries = 0; tries < TRIES; tries++) {
      stage.reuse(victim -> () -> free.free(victim));
      if (!stage.isThrown()) {
        return;
      }
    }
  }

  private static List<PeerCase> foreignFrees() {
    return List.of(
        of("interior address, byte 1", stage -> freeAddress(stage, 1), ADDRESSES),
        of("interior address, byte 16", stage -> freeAddress(stage, 16), ADDRESSES),
        of(
            "memory that it never gave",
            stage -> {
              stage.victim();
              ByteBuffer foreign = ByteBuffer.allocateDirect(1 << 16);
              long inside = MemorySegment.ofBuffer(foreign).address() + (1 << 15);
              stage.misuse(() -> stage.peer().freeAddress(inside));
            },
            ADDRESSES));
  }

  private static void freeAddress(PeerStage stage, int into) {
    Buffer victim = stage.victim();
    stage.misuse(() -> stage.peer().freeAddress(victim.address() + into));
  }

  private static List<PeerCase> bounds(int distance) {
    return List.of(
        of(
            "overflow by " + distance + " B",
            stage -> {
              Buffer victim = stage.victim();
              stage.misuse(() -> {
                for (int at = 0; at < distance; at++) {
                  victim.write(SIZE + at, WRITTEN);
                }
              });
            }),
        of(
            "underflow by " + distance + " B",
            stage -> {
              Buffer victim = stage.victim();
              stage.misuse(() -> {
                for (int at = 1; at <= distance; at++) {
                  victim.write(-at, WRITTEN);
                }
              });
            }),
        of(
            "overflow by " + distance + " B through a bare address",
            stage -> {
              Buffer victim = stage.victim();
              stage.misuse(() -> {
                for (int at = 0; at < distance; at++) {
                  poke(victim.address() + SIZE + at);
                }
              });
            }));
  }

  @SuppressWarnings("restricted") // the suite runs with native access
  private static void poke(long address) {
    MemorySegment.NULL.reinterpret(Long.MAX_VALUE).set(JAVA_BYTE, address, WRITTEN);
  }

  private static List<PeerCase> writesAfterFree() {
    List<PeerCase> cases = new ArrayList<>();
    for (int at : new int[] {0, SIZE / 2, SIZE - 1}) {
      cases.add(
          of(
              "write after free, byte " + at,
              stage -> {
                Buffer victim = stage.victim();
                stage.free(victim, () -> victim.write(at, WRITTEN));
              }));
    }
    cases.add(
        of(
            "write into the next owner's memory",
            stage -> {
              stage.reuse(victim -> () -> victim.write(0, WRITTEN));
            }));
    cases.add(
        of(
            "write into the next owner's memory through a `ByteBuffer` that was kept",
            stage -> {
              stage.reuse(victim -> {
                ByteBuffer kept = victim.nio();
                return () -> kept.put(0, WRITTEN);
              });
            },
            NIO));
    cases.add(
        of(
            "write into the next owner's memory through a slice",
            stage -> {
              stage.reuse(victim -> {
                Buffer slice = victim.slice(50, 100);
                return () -> slice.write(0, WRITTEN);
              });
            },
            SLICE));
    return cases;
  }

  private static List<PeerCase> readsAfterFree() {
    return List.of(
        of(
            "read after free",
            stage -> {
              Buffer victim = stage.victim();
              stage.free(victim, () -> victim.read(SIZE / 2));
            }),
        of(
            "read of the next owner's memory",
            stage -> {
              stage.reuse(victim -> () -> stage.read(victim.read(SIZE / 2)));
            }),
        of(
            "read of the next owner's memory through a `ByteBuffer` that was kept",
            stage -> {
              stage.reuse(victim -> {
                ByteBuffer kept = victim.nio();
                return () -> stage.read(kept.get(SIZE / 2));
              });
            },
            NIO));
  }

  private static List<PeerCase> endings() {
    return List.of(
        of(
            "close while buffers are live",
            stage -> {
              stage.victim();
              stage.misuse(stage.peer()::close);
            },
            CLOSE),
        of(
            "allocate after close",
            stage -> {
              stage.peer().close();
              stage.misuse(() -> stage.peer().allocate(SIZE));
              stage.closed();
            },
            CLOSE),
        of(
            "never freed, and nobody holds it",
            stage -> {
              for (int leak = 0; leak < 3; leak++) {
                stage.own();
              }
              stage.dropAll();
              stage.misuse(() -> {});
              awaitReport(stage.peer());
            },
            OBJECTS));
  }

  /** Gives the collector, and whoever hears of it at the next allocation, their chance. */
  private static void awaitReport(Peer peer) {
    try {
      Awaitility.await()
          .pollInterval(Duration.ofMillis(20))
          .atMost(LEAK_LIMIT)
          .until(() -> {
            System.gc();
            peer.allocate(SIZE).free();
            return peer.report().isPresent();
          });
    } catch (ConditionTimeoutException nobodyNoticed) {
      // That is an outcome too.
    }
  }
}
