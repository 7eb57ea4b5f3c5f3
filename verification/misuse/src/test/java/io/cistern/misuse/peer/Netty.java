package io.cistern.misuse.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Direct buffers of one of Netty's allocators, at leak level PARANOID. */
final class Netty implements Peer {
  private static final Logger LOG = Logger.getLogger(ResourceLeakDetector.class.getName());

  private final ByteBufAllocator allocator;
  private final AtomicBoolean reported = new AtomicBoolean();

  Netty(ByteBufAllocator allocator) {
    this.allocator = allocator;
    LOG.addHandler(new Ear());
  }

  /** Before any class of Netty's that allocates is loaded. */
  static void prepare() {
    System.setProperty("io.netty.leakDetection.level", "paranoid");
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
  }

  @Override
  public Buffer allocate(int size) {
    return new Bytes(allocator.directBuffer(size));
  }

  @Override
  public Optional<String> report() {
    return reported.get() ? Optional.of("logged") : Optional.empty();
  }

  /** Hears what the leak detector logs. */
  private final class Ear extends Handler {
    @Override
    public void publish(LogRecord line) {
      if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
        reported.set(true);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private record Bytes(ByteBuf bytes) implements Buffer {
    @Override
    public void write(int at, byte value) {
      bytes.setByte(at, value);
    }

    @Override
    public byte read(int at) {
      return bytes.getByte(at);
    }

    @Override
    public ByteBuffer nio() {
      return bytes.nioBuffer(0, bytes.capacity());
    }

    @Override
    public Buffer slice(int at, int size) {
      return new Bytes(bytes.slice(at, size));
    }

    @Override
    public long address() {
      return MemorySegment.ofBuffer(nio()).address();
    }

    @Override
    public void free() {
      bytes.release();
    }
  }
}
