package io.cistern.misuse.peer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.misuse.Call;
import io.cistern.misuse.peer.PeerOutcome.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where an allocator is misused once, and what came of it is observed: allocations that are
 * nobody's business are full of a byte of their own, and so is what is handed out afterwards.
 *
 * <pre>
 * misuse ──► bytes of all owners ──► more owners ──► bytes of all owners ──► free them all
 *             WRONG                                   WRONG, else THROWN      REPORTED      else NOT_SEEN
 * </pre>
 *
 * Owners' bytes are written and read by address, so that no check of the allocator's is in the way.
 */
final class PeerStage {
  static final int SIZE = 200;
  private static final int NEIGHBOURS = 8;
  private static final int MOST_VICTIMS = 20;
  private static final int MOST_TRIES = 3000;
  private static final int MORE_OWNERS = 32;
  private static final int FILLS = 64;
  private static final int WARM_UPS = 20;

  /** Somebody's memory, and the byte it is full of. */
  private record Owned(long address, byte fill) {}

  private final Peer peer;
  private final IdentityHashMap<Buffer, Owned> owners = new IdentityHashMap<>();
  private int fills;
  private @Nullable Throwable thrown;
  private @Nullable String harm;
  private boolean closed;

  PeerStage(Peer peer) {
    this.peer = peer;
  }

  Peer peer() {
    return peer;
  }

  /**
   * Does what every case does, without the misuse: a JVM that loads and links allocates on the C
   * heap itself, and would get between a free and what comes after it.
   */
  void warmUp() {
    for (int round = 0; round < WARM_UPS; round++) {
      Buffer victim = victim();
      free(victim, () -> {});
      own();
      harmed();
      freeAll();
      owners.clear();
    }
  }

  /** Somebody's allocation, full of a byte of its own. */
  Buffer own() {
    Buffer buffer = peer.allocate(SIZE);
    Owned owned = new Owned(buffer.address(), (byte) (1 + fills++ % FILLS));
    memory(owned.address).fill(owned.fill);
    owners.put(buffer, owned);
    return buffer;
  }

  @SuppressWarnings("restricted") // the suite runs with native access
  private static MemorySegment memory(long address) {
    return MemorySegment.ofAddress(address).reinterpret(SIZE);
  }

  /** Somebody's allocation, with others close before and close behind it. */
  Buffer victim() {
    List<Buffer> some = new ArrayList<>();
    for (int i = 0; i < NEIGHBOURS; i++) {
      some.add(own());
    }
    some.sort(Comparator.comparingLong(Buffer::address));
    int closest = 1;
    for (int at = 2; at < NEIGHBOURS - 1; at++) {
      closest = distance(some, at) < distance(some, closest) ? at : closest;
    }
    return some.get(closest);
  }

  private static long distance(List<Buffer> some, int at) {
    return some.get(at + 1).address() - some.get(at - 1).address();
  }

  /** Frees it as it should be. */
  void free(Buffer buffer) {
    owners.remove(buffer);
    buffer.free();
  }

  /** Nobody owns anything, and nobody holds it. */
  void dropAll() {
    owners.clear();
  }

  /** The misuse itself. */
  void misuse(Call call) {
    try {
      call.run();
      thrown = null;
    } catch (Throwable refused) {
      thrown = refused;
    }
  }

  /** Frees it, and nothing else happens before the misuse. */
  void free(Buffer victim, Call misuse) {
    free(victim);
    misuse(misuse);
  }

  /**
   * Misuses an allocation that was freed and whose memory has had another owner since. Memory that
   * goes elsewhere does not count; then another one is tried.
   *
   * @param misuse of a live allocation, prepared before it is freed
   */
  void reuse(Function<Buffer, Call> misuse) {
    for (int victims = 0; victims < MOST_VICTIMS; victims++) {
      Buffer victim = victim();
      Call call = misuse.apply(victim);
      long address = victim.address();
      free(victim);
      if (isReused(address)) {
        misuse(call);
        return;
      }
    }
    throw new IllegalStateException(
        "the memory of %d buffers was not handed out again in %d allocations each"
            .formatted(MOST_VICTIMS, MOST_TRIES));
  }

  private boolean isReused(long address) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      if (address == Objects.requireNonNull(owners.get(own())).address) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last misuse was thrown. */
  boolean isThrown() {
    return thrown != null;
  }

  /** A byte that was read; it must be nobody's. */
  void read(byte value) {
    if (owners.values().stream().anyMatch(owned -> owned.fill == value)) {
      harm = "another owner's bytes were read";
    }
  }

  /** Nothing can be allocated from it any more. */
  void closed() {
    closed = true;
  }

  /** What came of it. */
  PeerOutcome outcome() {
    Optional<String> harmed = closed ? Optional.empty() : harmed();
    if (harmed.isPresent()) {
      return new PeerOutcome(Kind.WRONG, harmed.get());
    }
    if (thrown != null) {
      return new PeerOutcome(Kind.THROWN, name(thrown));
    }
    return freeAll()
        .or(peer::report)
        .map(how -> new PeerOutcome(Kind.REPORTED, how))
        .orElse(new PeerOutcome(Kind.NOT_SEEN, ""));
  }

  private Optional<String> harmed() {
    if (owners.keySet().stream().anyMatch(PeerStage::isFreed)) {
      harm = "another owner's memory was freed";
    } else if (harm == null && isDamaged()) {
      harm = "another owner's bytes were changed";
    }
    for (int more = 0; harm == null && more < MORE_OWNERS; more++) {
      own();
    }
    if (harm == null && isDamaged()) {
      harm = "one memory, two owners";
    }
    return Optional.ofNullable(harm);
  }

  /** What its owner cannot read any more was freed. */
  private static boolean isFreed(Buffer buffer) {
    try {
      buffer.read(0);
      return false;
    } catch (RuntimeException freed) {
      return true;
    }
  }

  private boolean isDamaged() {
    return !owners.values().stream().allMatch(PeerStage::isFull);
  }

  private static boolean isFull(Owned owned) {
    MemorySegment memory = memory(owned.address);
    for (int at = 0; at < SIZE; at++) {
      if (memory.get(JAVA_BYTE, at) != owned.fill) {
        return false;
      }
    }
    return true;
  }

  private Optional<String> freeAll() {
    for (Buffer buffer : owners.keySet()) {
      try {
        buffer.free();
      } catch (RuntimeException told) {
        return Optional.of("`" + name(told) + "` at another's free");
      }
    }
    return Optional.empty();
  }

  private static String name(Throwable thrown) {
    return thrown.getClass().getSimpleName();
  }
}
