package io.cistern.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.Spill;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server whose pool is exhausted: it tells, and goes on. */
final class ChannelTest {
  private static final int READ = 64;
  private static final int LARGE = 1024;

  private final MemoryPool pool =
      MemoryPool.builder().spill(Spill.OFF).tier(READ, 4).tier(LARGE, 1).build();
  private final CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Queue<Throwable> caught = new ConcurrentLinkedQueue<>();
  private InetSocketAddress address = new InetSocketAddress(0);

  @BeforeEach
  void start() throws InterruptedException {
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection.pipeline().addLast(new Echo());
                  }
                })
            .bind("localhost", 0)
            .sync()
            .channel();
    address = (InetSocketAddress) server.localAddress();
  }

  @AfterEach
  void leavesNothingLive() throws InterruptedException {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    assertThat(pool.stats().used()).as(pool::dump).isZero();
    pool.verify().orThrow();
    pool.close();
  }

  /** Sends back what it gets, by way of a large buffer of its own. */
  private final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the client sees whether it was sent
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf got = (ByteBuf) message;
      try {
        context.writeAndFlush(context.alloc().directBuffer(LARGE).writeBytes(got));
      } finally {
        got.release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      caught.add(cause);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Sends it, has it back, and sees the server release its buffers. */
  private String ask(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    String answer = new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
    await().until(() -> pool.stats().used() == 0);
    return answer;
  }

  @Test
  void aHandlerThatGetsNoMemoryIsToldAndItsChannelSurvives() throws IOException {
    try (Socket socket = connect()) {
      assertThat(ask(socket, "before")).isEqualTo("before");
      ByteBuf held = allocator.directBuffer(LARGE);
      socket.getOutputStream().write("lost".getBytes(US_ASCII));
      await().until(() -> !caught.isEmpty());
      assertThat(caught.element())
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessageContaining("is exhausted: asked 1024 B");
      held.release();
      assertThat(ask(socket, "after")).isEqualTo("after");
    }
  }

  @Test
  void aReadThatGetsNoMemoryCostsItsConnectionAndNoOther() throws IOException {
    try (Socket socket = connect();
        Socket other = connect()) {
      assertThat(ask(socket, "before")).isEqualTo("before");
      assertThat(ask(other, "before")).isEqualTo("before");
      ByteBuf[] held = new ByteBuf[5];
      for (int i = 0; i < held.length; i++) {
        held[i] = allocator.directBuffer(i == 0 ? LARGE : READ);
      }
      socket.getOutputStream().write("lost".getBytes(US_ASCII));
      await().until(() -> !caught.isEmpty());
      assertThat(caught.element()).isInstanceOf(OutOfMemoryError.class);
      for (ByteBuf each : held) {
        each.release();
      }
      assertThat(socket.getInputStream().read()).as("closed by Netty").isEqualTo(-1);
      assertThat(ask(other, "after")).isEqualTo("after");
      try (Socket third = connect()) {
        assertThat(ask(third, "new")).isEqualTo("new");
      }
    }
  }
}
