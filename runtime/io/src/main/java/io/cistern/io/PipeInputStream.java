package io.cistern.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The reader's side of a pipe: one wait, then what there is. */
final class PipeInputStream extends InputStream {
  private final BlockPipe pipe;
  private final @Nullable Duration timeout;

  PipeInputStream(BlockPipe pipe, @Nullable Duration timeout) {
    this.pipe = pipe;
    this.timeout = timeout;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    return (int) pipe.read(MemorySegment.ofArray(target), offset, length, timeout);
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(Integer.MAX_VALUE, pipe.available());
  }

  @Override
  public void close() {
    pipe.endReading();
  }
}
