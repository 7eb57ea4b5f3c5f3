package io.cistern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes of a queue to and from a channel, without a copy on our side.
 *
 * <p>What a channel has moved is read from the positions of the buffers that it was given, also
 * when it throws: so a byte that it has taken is never offered twice, and one that it has not taken
 * is not lost. BlockPins are off again before blocks are freed, so that a free is deferred only if
 * somebody else does it.
 */
final class ChainIo {
  /** Most blocks of one write, and of one read, for which blocks are taken in advance. */
  private static final int GATHERED = 64;

  private static final int SCATTERED = 16;

  private ChainIo() {}

  static void checkMost(String what, long most) {
    if (most < 0) {
      throw new IllegalArgumentException(
          "%s: %d bytes asked for: must be 0 or more".formatted(what, most));
    }
  }

  /** Writes until nothing is left or the channel takes nothing; how many bytes. */
  static long write(ByteQueue bytes, WritableByteChannel channel, OneAtATime use)
      throws IOException {
    long written = 0;
    while (bytes.size() > 0) {
      long step = writeOnce(bytes, channel);
      if (step == 0) {
        break;
      }
      written += step;
      if (bytes.size() > 0 && use.isClosed()) {
        throw new AsynchronousCloseException();
      }
    }
    return written;
  }

  private static long writeOnce(ByteQueue bytes, WritableByteChannel channel) throws IOException {
    int most = channel instanceof GatheringByteChannel ? GATHERED : 1;
    ByteBuffer[] buffers = bytes.buffers(0, bytes.size(), most, true);
    try (BlockPins _ = bytes.pin(0, buffers.length)) {
      if (channel instanceof GatheringByteChannel gathering) {
        gathering.write(buffers);
      } else {
        channel.write(buffers[0]);
      }
    } finally {
      bytes.release(moved(buffers));
    }
    return moved(buffers);
  }

  /** Reads once; how many bytes, -1 at the channel's end. */
  static long read(ByteQueue bytes, ReadableByteChannel channel, long most) throws IOException {
    if (most == 0) {
      return 0;
    }
    int blocks = channel instanceof ScatteringByteChannel ? SCATTERED : 1;
    long reserved = reserve(bytes, most, blocks);
    ByteBuffer[] buffers = bytes.buffers(bytes.size(), reserved, blocks, false);
    long result;
    try (BlockPins _ = bytes.pin(bytes.size(), buffers.length)) {
      result =
          channel instanceof ScatteringByteChannel scattering
              ? scattering.read(buffers)
              : channel.read(buffers[0]);
    } finally {
      bytes.commit(moved(buffers));
    }
    return result < 0 ? -1 : moved(buffers);
  }

  /** Room for as many bytes as can be had, of so many blocks: at least one, or an exception. */
  private static long reserve(ByteQueue bytes, long most, int blocks) {
    long rest = bytes.room();
    long wanted = blocks == 1 && rest > 0 ? rest : rest + ((long) blocks * bytes.blockBytes());
    long reserved = bytes.reserveSome(Math.min(most, wanted));
    if (reserved > 0) {
      return reserved;
    }
    bytes.demand(1);
    return Math.min(most, bytes.room());
  }

  /** Bytes that were moved: up to the first place that was not. */
  private static long moved(ByteBuffer[] buffers) {
    long moved = 0;
    for (ByteBuffer buffer : buffers) {
      moved += buffer.position();
      if (buffer.hasRemaining()) {
        break;
      }
    }
    return moved;
  }
}
