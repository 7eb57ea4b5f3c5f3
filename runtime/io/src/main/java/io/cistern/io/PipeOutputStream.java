package io.cistern.io;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The writer's side of a pipe: waits for room piece by piece. */
final class PipeOutputStream extends OutputStream {
  private final BlockPipe pipe;
  private final @Nullable Duration timeout;

  PipeOutputStream(BlockPipe pipe, @Nullable Duration timeout) {
    this.pipe = pipe;
    this.timeout = timeout;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    MemorySegment segment = MemorySegment.ofArray(source);
    for (long done = 0; done < length; ) {
      done += pipe.write(segment, offset + done, length - done, timeout);
    }
  }

  @Override
  public void close() {
    pipe.endWriting();
  }
}
