package io.cistern.examples.nettyhttp;

import io.cistern.MemoryPool;
import io.cistern.netty.CisternByteBufAllocator;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.*;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** An HTTP server that answers a GET with a greeting and a POST with what it was sent. */
public final class NettyHttpServer implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Channel channel;

  /** Listens at a port, or at any that is free for 0; its buffers are blocks of the pool. */
  public NettyHttpServer(int port, MemoryPool pool) throws InterruptedException {
    ServerBootstrap bootstrap = new ServerBootstrap().group(loops);
    // The two lines that switch the pool on:
    CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);
    bootstrap.childOption(ChannelOption.ALLOCATOR, allocator);
    bootstrap.channel(NioServerSocketChannel.class).childHandler(new Pipeline());
    channel = bootstrap.bind(port).sync().channel();
  }

  /** Where it listens. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static final class Pipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel connection) {
      connection
          .pipeline()
          .addLast(new HttpServerCodec(), new HttpServerKeepAliveHandler())
          .addLast(new HttpObjectAggregator(1 << 20), new Answers());
    }
  }

  private static final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the client sees whether it was sent
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      ByteBuf body =
          request.method().equals(HttpMethod.POST)
              ? request.content().retain()
              : ByteBufUtil.writeUtf8(context.alloc(), "hello from " + request.uri() + "\n");
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      HttpUtil.setContentLength(response, body.readableBytes());
      context.writeAndFlush(response);
    }
  }

  /** Serves on the port that is given, or 8080, until the process is ended. */
  public static void main(String[] args) throws InterruptedException {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 8080;
    try (MemoryPool pool = MemoryPool.builder().tier(2048, 2048).tier(65_536, 512).build();
        NettyHttpServer server = new NettyHttpServer(port, pool)) {
      server.channel.closeFuture().sync();
    }
  }
}
