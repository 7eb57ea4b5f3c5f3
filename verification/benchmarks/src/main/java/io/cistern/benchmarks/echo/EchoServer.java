package io.cistern.benchmarks.echo;

import io.cistern.MemoryPool;
import io.cistern.benchmarks.subject.Subject;
import io.cistern.jetty.CisternByteBufferPool;
import io.cistern.netty.CisternByteBufAllocator;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;

/** An HTTP server on the loopback address, whose buffers come from a subject. */
public interface EchoServer extends AutoCloseable {
  /**
   * Where it listens.
   *
   * @return a TCP port
   */
  int port();

  /**
   * Stops.
   *
   * @throws IllegalStateException when a buffer was not given back, or the pool is not sound
   */
  @Override
  void close();

  /**
   * Whether there is a server for a subject.
   *
   * @param subject any
   * @return true for allocators of Netty and Jetty, theirs and ours
   */
  static boolean serves(Subject subject) {
    return starter(subject).isPresent();
  }

  /**
   * Starts a server.
   *
   * @param subject that there is a server for
   * @return a server that listens
   */
  static EchoServer start(Subject subject) {
    return starter(subject)
        .orElseThrow(() -> new IllegalArgumentException(subject.id() + " serves nothing"))
        .get();
  }

  /**
   * Starts a server of Netty, which gathers a body before it sends it back.
   *
   * @param allocator of its connections
   * @param atEnd runs after it has stopped
   * @return a server that listens
   */
  static EchoServer over(ByteBufAllocator allocator, Runnable atEnd) {
    return new NettyEcho(allocator, atEnd);
  }

  /**
   * Starts a server of Jetty, which gathers a body before it sends it back.
   *
   * @param buffers of its connections
   * @param atEnd runs after it has stopped
   * @return a server that listens
   */
  static EchoServer over(ByteBufferPool buffers, Runnable atEnd) {
    return JettyEcho.gathering(buffers, atEnd);
  }

  /**
   * Starts a plain server that reads each body into one of Arrow's buffers, and sends it back.
   *
   * @param allocator of all bodies
   * @param atEnd runs after it has stopped
   * @return a server that listens
   */
  static EchoServer over(BufferAllocator allocator, Runnable atEnd) {
    return new ArrowEcho(allocator, atEnd);
  }

  private static Optional<Supplier<EchoServer>> starter(Subject subject) {
    return switch (subject) {
      case NETTY_POOLED ->
          Optional.of(() -> new NettyEcho(PooledByteBufAllocator.DEFAULT, () -> {}));
      case NETTY_ADAPTIVE ->
          Optional.of(() -> new NettyEcho(new AdaptiveByteBufAllocator(), () -> {}));
      case CISTERN_NETTY ->
          Optional.of(() -> {
            MemoryPool pool = pool();
            return new NettyEcho(new CisternByteBufAllocator(pool), () -> checkAndClose(pool));
          });
      case JETTY -> Optional.of(() -> new JettyEcho(new ArrayByteBufferPool(), () -> {}));
      case CISTERN_JETTY ->
          Optional.of(() -> {
            MemoryPool pool = pool();
            return new JettyEcho(new CisternByteBufferPool(pool), () -> checkAndClose(pool));
          });
      default -> Optional.empty();
    };
  }

  private static MemoryPool pool() {
    MemoryPool.Builder pool = MemoryPool.builder().name("echo");
    for (int size = 256; size <= 64 << 10; size *= 2) {
      pool.tier(size, 256);
    }
    return pool.build();
  }

  private static void checkAndClose(MemoryPool pool) {
    pool.verify().orThrow();
    pool.close();
  }
}
