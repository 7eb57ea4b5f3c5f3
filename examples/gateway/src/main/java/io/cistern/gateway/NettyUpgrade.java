package io.cistern.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The first request of a client of {@link NettyServer}: makes a WebSocket of it, or says that one
 * is served. As nothing is read before it is asked for, no frame can come before its handlers are
 * there.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // a client that is not answered goes away: channelInactive
final class NettyUpgrade extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final WebSocketDecoderConfig decoder;
  private final GatewayOptions options;
  private final Function<Wire, Connection> clients;

  NettyUpgrade(
      WebSocketDecoderConfig decoder, GatewayOptions options, Function<Wire, Connection> clients) {
    this.decoder = decoder;
    this.options = options;
    this.clients = clients;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.read();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (!request.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
      refuse(context);
      return;
    }
    String url = "ws://" + request.headers().get(HttpHeaderNames.HOST) + request.uri();
    WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshakerFactory(url, null, decoder).newHandshaker(request);
    if (handshaker == null) {
      WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel())
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    handshaker
        .handshake(context.channel(), request)
        .addListener((ChannelFuture done) -> {
          if (done.isSuccess()) {
            addHandlers(context);
          } else {
            context.close();
          }
        });
  }

  private void addHandlers(ChannelHandlerContext context) {
    NettyWire wire = new NettyWire(clients);
    context
        .pipeline()
        .addLast(
            new IdleStateHandler(0, 0, options.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
        .addLast(new WriteTimeoutHandler(options.frameTimeout().toMillis(), TimeUnit.MILLISECONDS))
        .addLast(wire)
        .remove(this);
  }

  private static void refuse(ChannelHandlerContext context) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.UPGRADE_REQUIRED,
            Unpooled.copiedBuffer(
                "connect with a WebSocket client, ws://\n", StandardCharsets.US_ASCII));
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** What is no HTTP, or goes away. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
