package io.cistern.gateway;

import io.cistern.MemoryBlock;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The frame that is coming in on one connection, gathered in one block.
 *
 * <pre>
 *             begin, whole                       begin, more to come
 * BETWEEN ──────────────────▶ BETWEEN   BETWEEN ──────────────────────▶ FILLING ──last piece──▶ BETWEEN
 *    ▲                                     │                               │
 *    │            last piece               │  too large, or no block       │  too large
 *    └────────────────────────────────── SKIPPING ◀────────────────────────┘
 * </pre>
 *
 * <p>A frame has one end; what follows of it is skipped. Only a frame that was dropped for want of
 * a block and then turns out to be too large gets a second verdict, because its client must still
 * be told. Pieces are fragments of the protocol, or what Jetty makes of a frame that did not fit
 * into one read: both look the same here. Not safe for use by several threads; the connection
 * guards it.
 */
final class Assembly {
  /** What a piece led to. */
  enum Verdict {
    /** Nothing yet: more pieces follow. */
    MORE,
    /** The frame is complete: {@link #take} it. */
    COMPLETE,
    /** The frame is larger than any block it may take; what it held is free. */
    TOO_LARGE,
    /** No block was free for it. */
    EXHAUSTED,
    /** A frame for which no block was free turns out to be larger than any. */
    EXHAUSTED_TOO_LARGE,
    /** The piece belongs to a frame that has had its verdict. */
    SKIPPED
  }

  /** A complete frame: the block it owns and the payload in it. */
  record Complete(byte opCode, MemoryBlock block, ByteBuffer payload) {}

  private static final long NOT_MISSED = -1;

  private final FrameBlocks blocks;
  private byte opCode;
  private @Nullable MemoryBlock block;
  private @Nullable ByteBuffer buffer;
  private long begunNanos;
  private long missedBytes = NOT_MISSED;

  Assembly(FrameBlocks blocks) {
    this.blocks = blocks;
  }

  /** The first piece of a frame. */
  Verdict begin(byte opCode, ByteBuffer piece, boolean last, long nowNanos) {
    missedBytes = NOT_MISSED;
    if (piece.remaining() > blocks.limit()) {
      return Verdict.TOO_LARGE;
    }
    MemoryBlock taken = last ? blocks.takeFor(piece.remaining()) : blocks.takeLargest();
    if (taken == null) {
      missedBytes = piece.remaining();
      return Verdict.EXHAUSTED;
    }
    this.opCode = opCode;
    block = taken;
    buffer = taken.byteBuffer().put(piece);
    begunNanos = nowNanos;
    return last ? Verdict.COMPLETE : Verdict.MORE;
  }

  /** A further piece. */
  Verdict append(ByteBuffer piece, boolean last) {
    if (buffer == null) {
      return miss(piece.remaining());
    }
    if (piece.remaining() > buffer.remaining()) {
      abandon();
      return Verdict.TOO_LARGE;
    }
    buffer.put(piece);
    return last ? Verdict.COMPLETE : Verdict.MORE;
  }

  private Verdict miss(int bytes) {
    if (missedBytes == NOT_MISSED) {
      return Verdict.SKIPPED;
    }
    missedBytes += bytes;
    if (missedBytes <= blocks.limit()) {
      return Verdict.SKIPPED;
    }
    missedBytes = NOT_MISSED;
    return Verdict.EXHAUSTED_TOO_LARGE;
  }

  /** Hands the complete frame over, and with it the duty to free its block. */
  Complete take() {
    if (block == null || buffer == null) {
      throw new IllegalStateException("no frame is complete");
    }
    Complete complete = new Complete(opCode, block, buffer.flip());
    block = null;
    buffer = null;
    return complete;
  }

  /** Frees what an unfinished frame holds; whether there was one. */
  boolean abandon() {
    if (block == null) {
      return false;
    }
    block.close();
    block = null;
    buffer = null;
    return true;
  }

  /** Whether a frame holds a block since before a moment. */
  boolean isFillingSinceBefore(long nanos) {
    return block != null && begunNanos - nanos < 0;
  }
}
