package io.cistern.misuse.peer;

import io.cistern.misuse.peer.Peer.Ability;
import java.util.Set;

/**
 * One way to misuse an allocator.
 *
 * @param name what is done, as the table says it
 * @param needs what the allocator must be able to express
 * @param misuse does it
 */
record PeerCase(String name, Set<Ability> needs, PeerMisuse misuse) {
  /** The deed. */
  @FunctionalInterface
  interface PeerMisuse {
    /**
     * Does it once.
     *
     * @throws Throwable when the stage could not be set, never for the misuse itself
     */
    void commit(PeerStage stage) throws Throwable;
  }
}
