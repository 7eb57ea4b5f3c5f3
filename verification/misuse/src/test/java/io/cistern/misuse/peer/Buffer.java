package io.cistern.misuse.peer;

import java.nio.ByteBuffer;

/** What an allocator handed out, as its users hold it. */
interface Buffer {
  /** Writes a byte through the object itself, as the allocator's users do. */
  void write(int at, byte value);

  /** Reads a byte through the object itself. */
  byte read(int at);

  /** A {@code ByteBuffer} of it, which users may keep. */
  default ByteBuffer nio() {
    throw new UnsupportedOperationException();
  }

  /** A part of it that shares its memory. */
  default Buffer slice(int at, int size) {
    throw new UnsupportedOperationException();
  }

  /** Where it lies in memory. */
  long address();

  /** Gives it back. */
  void free();
}
