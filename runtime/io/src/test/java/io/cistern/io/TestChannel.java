package io.cistern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.Objects;

/**
 * A channel that does not block, gives or takes a number of bytes in all, and moves so many at a
 * time at most. It may be told to fail after some bytes, and what to do at each call.
 */
class TestChannel implements ByteChannel {
  private final byte[] all;
  private final ByteBuffer bytes;
  private final int step;
  private int failAt = Integer.MAX_VALUE;
  private Runnable whenCalled = () -> {};
  private int calls;

  private TestChannel(byte[] all, int step) {
    this.all = all;
    this.bytes = ByteBuffer.wrap(all);
    this.step = step;
  }

  static TestChannel giving(byte[] bytes, int step, boolean several) {
    return several ? new Several(bytes, step) : new TestChannel(bytes, step);
  }

  static TestChannel taking(int limit, int step, boolean several) {
    return giving(new byte[limit], step, several);
  }

  /** Throws in the call that has moved this byte. */
  TestChannel failingAt(int moved) {
    failAt = moved;
    return this;
  }

  TestChannel calling(Runnable action) {
    whenCalled = action;
    return this;
  }

  int moved() {
    return bytes.position();
  }

  int limit() {
    return bytes.limit();
  }

  byte[] bytes() {
    return all;
  }

  int calls() {
    return calls;
  }

  private long move(ByteBuffer[] buffers, int from, int count, boolean write) throws IOException {
    Objects.checkFromIndexSize(from, count, buffers.length);
    calls++;
    whenCalled.run();
    int moved = 0;
    for (int i = from; i < from + count; i++) {
      while (buffers[i].hasRemaining() && bytes.hasRemaining() && moved < step) {
        if (write) {
          bytes.put(buffers[i].get());
        } else {
          buffers[i].put(bytes.get());
        }
        moved++;
        if (moved() == failAt) {
          throw new IOException("failed after " + failAt + " B");
        }
      }
    }
    return moved == 0 && !write ? -1 : moved;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return (int) move(new ByteBuffer[] {source}, 0, 1, true);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return (int) move(new ByteBuffer[] {target}, 0, 1, false);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}

  /** One that takes several buffers at once. */
  private static final class Several extends TestChannel
      implements GatheringByteChannel, ScatteringByteChannel {
    Several(byte[] all, int step) {
      super(all, step);
    }

    @Override
    public long write(ByteBuffer[] sources, int from, int count) throws IOException {
      return super.move(sources, from, count, true);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
      return write(sources, 0, sources.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int from, int count) throws IOException {
      return super.move(targets, from, count, false);
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
      return read(targets, 0, targets.length);
    }
  }
}
