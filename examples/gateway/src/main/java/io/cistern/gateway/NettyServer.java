package io.cistern.gateway;

import io.cistern.MemoryPool;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.netty.CisternByteBufAllocator;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Netty, set up for the gateway: loopback only, two threads, no compression. All its buffers are
 * blocks of a pool of its own, named {@code sockets}, which is closed with the server: what sockets
 * read lies in a block from the first byte on, and there is never more of it than that pool has.
 *
 * <p>Its decoder gathers a frame before it hands it in. So a frame that is larger than what is
 * served is refused by its head, and where the profile says that it be dropped it is gathered up to
 * {@value #DROPPED_UP_TO} times that size, and refused beyond.
 */
final class NettyServer implements Server {
  private static final int THREADS = 2;
  private static final int HTTP_REQUEST_BYTES = 8 * 1024;
  private static final int SOCKET_BUFFER_BYTES = 64 * 1024;
  private static final int DROPPED_UP_TO = 4;
  private static final int LEAST_BLOCK = 64;
  private static final int LEAST_BLOCKS = 16;
  private static final int TIER_BYTES = 256 * 1024;
  private static final long SWEEP_MILLIS = 100;
  private static final long STOP_SECONDS = 5;

  private final GatewayOptions options;
  private final WebSocketDecoderConfig decoder;
  private final Function<Wire, Connection> clients;
  private final Runnable sweep;
  private final MemoryPool sockets;
  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(
          THREADS, new DefaultThreadFactory("gateway-io", true), NioIoHandler.newFactory());
  private final Channel listening;
  private volatile @Nullable Future<?> sweeping;

  private NettyServer(
      GatewayOptions options,
      WebSocketDecoderConfig decoder,
      Function<Wire, Connection> clients,
      Runnable sweep)
      throws IOException {
    this.sockets = sockets(decoder.maxFramePayloadLength());
    this.options = options;
    this.decoder = decoder;
    this.clients = clients;
    this.sweep = sweep;
    ChannelFuture bound = bind().awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop();
      throw bound.cause() instanceof IOException failed ? failed : new IOException(bound.cause());
    }
    this.listening = bound.channel();
  }

  /**
   * Binds the port; clients are served from {@link #start} on.
   *
   * @param limit the largest frame that is served, in bytes
   */
  static NettyServer listen(
      GatewayOptions options,
      Profile.Frames frames,
      long limit,
      Function<Wire, Connection> clients,
      Runnable sweep)
      throws IOException {
    long most = frames.oversize() == Oversize.CLOSE ? limit : DROPPED_UP_TO * limit;
    WebSocketDecoderConfig decoder =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength((int) Math.min(most, Integer.MAX_VALUE))
            .allowExtensions(false)
            .withUTF8Validator(false)
            .closeOnProtocolViolation(false)
            .build();
    return new NettyServer(options, decoder, clients, sweep);
  }

  /** Blocks for what sockets read, and for whole frames while they come in. */
  private static MemoryPool sockets(int largestFrame) {
    MemoryPool.Builder pool = MemoryPool.builder().name("sockets");
    long largest = 2 * Math.max(SOCKET_BUFFER_BYTES, Long.highestOneBit(largestFrame) * 2);
    for (int size = LEAST_BLOCK; size <= largest; size *= 2) {
      pool.tier(size, Math.max(LEAST_BLOCKS, TIER_BYTES / size));
    }
    return pool.build();
  }

  private ChannelFuture bind() {
    return new ServerBootstrap()
        .group(threads)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOCATOR, new CisternByteBufAllocator(sockets))
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(HTTP_REQUEST_BYTES))
                    .addLast(new NettyUpgrade(decoder, options, clients));
              }
            })
        .bind("127.0.0.1", options.port());
  }

  @Override
  public void start() {
    listening.config().setAutoRead(true);
    sweeping =
        threads
            .next()
            .scheduleAtFixedRate(sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void stopAccepting() {
    listening.close().awaitUninterruptibly();
  }

  @Override
  public void stop() {
    Future<?> sweeps = sweeping;
    if (sweeps != null) {
      sweeps.cancel(false);
    }
    Future<?> stopped = threads.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
    stopped.awaitUninterruptibly(2 * STOP_SECONDS, TimeUnit.SECONDS);
    sockets.close();
  }
}
