package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains to and from real files and loopback sockets. Budget: 10 s. */
@Timeout(60)
class ChainOverSocketsTest {
  private static final int MEGABYTES = 3 << 20;

  @TempDir private Path folder;
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(1000, 4000).build();

  @AfterEach
  void allIsFree() {
    PoolKind.close(pool);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void aFileComesBackAsItWas(int blockBytes) throws Exception {
    byte[] bytes = Seed.bytes(3_001);
    Path file = folder.resolve("bytes");
    try (BlockChain chain = BlockChain.open(pool, blockBytes, 3_001);
        FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      chain.append(bytes);
      assertThat(chain.writeTo(out)).isEqualTo(3_001);
      assertThat(chain.blocks()).isZero();
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    try (BlockChain chain = BlockChain.open(pool, blockBytes, 4_000);
        FileChannel in = FileChannel.open(file)) {
      while (chain.readFrom(in, Long.MAX_VALUE) > 0) {
        chain.verify();
      }
      assertThat(chain.toByteArray()).isEqualTo(bytes);
    }
  }

  /** A slow reader, small socket buffers, and a writer that does not block: many partial writes. */
  @Test
  void aSocketThatDoesNotBlockTakesItInParts() throws Exception {
    byte[] bytes = new byte[MEGABYTES];
    new SplittableRandom(7).nextBytes(bytes);
    try (Sockets sockets = new Sockets();
        BlockChain chain = BlockChain.open(pool, 1000, MEGABYTES)) {
      sockets.here.configureBlocking(false);
      chain.append(bytes);
      long first = chain.writeTo(sockets.here);
      assertThat(first).isBetween(1L, MEGABYTES - 1L);
      assertThat(pool.stats().used()).isEqualTo(chain.blocks()).isLessThan(MEGABYTES / 1000);
      assertThat(chain.writeTo(sockets.here)).as("nobody has read").isZero();
      FutureTask<byte[]> reader = new FutureTask<>(() -> readAll(sockets.there, MEGABYTES));
      Thread.ofVirtual().start(reader);
      while (chain.size() > 0) {
        chain.writeTo(sockets.here);
        Thread.onSpinWait();
      }
      assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(bytes);
    }
  }

  private static void writeAll(SocketChannel to, byte[] bytes) {
    try {
      ByteBuffer all = ByteBuffer.wrap(bytes);
      while (all.hasRemaining()) { // a virtual thread's write may be partial
        to.write(all);
      }
      to.shutdownOutput();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static byte[] readAll(SocketChannel from, int length) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(length);
    while (all.hasRemaining() && from.read(all) >= 0) {
      Thread.onSpinWait();
    }
    return all.array();
  }

  @Test
  void aChainBetweenTwoSocketsPassesEverythingOn() throws Exception {
    byte[] bytes = new byte[MEGABYTES];
    new SplittableRandom(8).nextBytes(bytes);
    try (Sockets in = new Sockets();
        Sockets out = new Sockets();
        BlockChain chain = BlockChain.open(pool, 1000, 10_500)) {
      FutureTask<Void> writer = new FutureTask<>(() -> writeAll(in.here, bytes), null);
      Thread.ofVirtual().start(writer);
      FutureTask<byte[]> reader = new FutureTask<>(() -> readAll(out.there, MEGABYTES));
      Thread.ofVirtual().start(reader);
      while (chain.readFrom(in.there, Long.MAX_VALUE) >= 0) {
        assertThat(pool.stats().used()).isLessThanOrEqualTo(12);
        chain.writeTo(out.here);
      }
      assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(bytes);
      writer.get(30, TimeUnit.SECONDS);
    }
  }

  /** Closed by another thread while a read is inside the operating system. */
  @Test
  @SuppressWarnings("try") // that it is closed early is what is tested
  void closedDuringABlockingReadTheMemoryStaysUntilItsEnd() throws Exception {
    try (Sockets sockets = new Sockets();
        BlockChain chain = BlockChain.open(pool, 1000, 10_000)) {
      FutureTask<Long> read = new FutureTask<>(() -> chain.readFrom(sockets.there, 5_000));
      Thread reader = Thread.ofPlatform().start(read);
      Awaitility.await().until(() -> isInARead(reader));
      chain.close();
      assertThat(chain.isClosed()).isTrue();
      assertThat(pool.stats().used()).as("while the read is under way").isEqualTo(5);
      assertThatThrownBy(pool::close).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(chain::size).hasMessage("chain over pool 'p' is closed");
      sockets.here.write(ByteBuffer.allocate(17));
      assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(17);
      assertThat(pool.stats().used()).isZero();
    }
  }

  private static boolean isInARead(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith("sun.nio.ch") && frame.isNativeMethod());
  }

  /** Two ends of a loopback connection with small buffers. */
  private static final class Sockets implements AutoCloseable {
    final SocketChannel here;
    final SocketChannel there;

    Sockets() throws IOException {
      try (ServerSocketChannel server = ServerSocketChannel.open()) {
        server.setOption(StandardSocketOptions.SO_RCVBUF, 16 << 10);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        here = SocketChannel.open();
        here.setOption(StandardSocketOptions.SO_SNDBUF, 16 << 10);
        here.connect(server.getLocalAddress());
        there = server.accept();
      }
    }

    @Override
    public void close() throws IOException {
      here.close();
      there.close();
    }
  }
}
