package io.cistern.misuse.peer;

import java.util.Optional;

/** An allocator, set up as its users have it. */
interface Peer extends AutoCloseable {
  /** What can be expressed with it, beyond allocating, freeing, reading and writing. */
  enum Ability {
    /** Buffers can be viewed as {@code ByteBuffer}. */
    NIO,
    /** Buffers have slices. */
    SLICE,
    /** Memory is freed by its address. */
    ADDRESSES,
    /** It can be closed. */
    CLOSE,
    /** Buffers are objects, which the collector may find unreachable. */
    OBJECTS
  }

  Buffer allocate(int size);

  /** Frees by address. */
  default void freeAddress(long address) {
    throw new UnsupportedOperationException();
  }

  /** How it has told somebody, by now, what it threw at nobody. */
  default Optional<String> report() {
    return Optional.empty();
  }

  /** Closes it, as its users do. */
  @Override
  default void close() {
    throw new UnsupportedOperationException();
  }
}
