package io.cistern.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client of {@link NettyServer}. Frames are written out of the gateway's blocks; Netty copies
 * those of up to 1 KB, to send them together with their heads.
 *
 * <p>One read of a socket can bring several frames. Those that were not asked for yet wait here, in
 * the blocks of the pool for sockets, and nothing more is read meanwhile. What is not final below
 * is used by the channel's event loop alone.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails ends the channel: channelInactive
final class NettyWire extends ChannelInboundHandlerAdapter implements Wire {
  private final Connection connection;
  private volatile @Nullable ChannelHandlerContext context;
  private final Queue<WebSocketFrame> waiting = new ArrayDeque<>();
  private boolean demanded;
  private boolean handling;
  private boolean saidGoodbye;

  NettyWire(Function<Wire, Connection> connect) {
    this.connection = connect.apply(this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    connection.onOpened();
    demand();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    waiting.add((WebSocketFrame) message);
    handleDemanded();
  }

  @Override
  public void demand() {
    ChannelHandlerContext open = context();
    if (!open.executor().inEventLoop()) {
      open.executor().execute(this::demand);
      return;
    }
    demanded = true;
    handleDemanded();
  }

  /** Handling a frame may demand the next one, which is handled by the loop here. */
  private void handleDemanded() {
    if (handling) {
      return;
    }
    handling = true;
    try {
      while (demanded && !waiting.isEmpty()) {
        demanded = false;
        handle(waiting.remove());
      }
    } finally {
      handling = false;
    }
    if (demanded) {
      context().read();
    }
  }

  private void handle(WebSocketFrame frame) {
    switch (frame) {
      case TextWebSocketFrame text -> onData(Protocol.TEXT, text);
      case BinaryWebSocketFrame binary -> onData(Protocol.BINARY, binary);
      case ContinuationWebSocketFrame more -> onData(Protocol.CONTINUATION, more);
      case PingWebSocketFrame ping -> connection.onPing(ping.content().nioBuffer(), ping::release);
      case CloseWebSocketFrame close -> connection.onClosing(() -> answer(close));
      default -> connection.onOther(frame::release);
    }
  }

  private void onData(byte opCode, WebSocketFrame frame) {
    connection.onData(opCode, frame.content().nioBuffer(), frame.isFinalFragment(), frame::release);
  }

  /** The client's goodbye is sent back, unless it is its answer to ours, and the wire cut. */
  private void answer(CloseWebSocketFrame close) {
    ChannelHandlerContext open = context();
    open.executor()
        .execute(() -> {
          if (saidGoodbye) {
            close.release();
            open.close();
          } else {
            open.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
          }
        });
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException corrupt) {
      refuse(corrupt.closeStatus());
    } else if (cause instanceof OutOfMemoryError) {
      connection.leave(Protocol.TRY_AGAIN_LATER, "no memory for a frame");
    } else {
      from.close();
    }
  }

  private void refuse(WebSocketCloseStatus status) {
    if (status.code() == Protocol.MESSAGE_TOO_LARGE) {
      connection.onRefusedByServer();
      connection.leaveTooLarge();
    } else {
      connection.leave(status.code(), status.reasonText());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof IdleStateEvent) {
      connection.leave(Protocol.GOING_AWAY, "idle");
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    connection.onClosed();
    waiting.forEach(WebSocketFrame::release);
    waiting.clear();
  }

  @Override
  public void send(byte opCode, ByteBuffer payload, Written written) {
    context()
        .writeAndFlush(frame(opCode, Unpooled.wrappedBuffer(payload)))
        .addListener((ChannelFuture future) -> {
          if (future.isSuccess()) {
            written.done();
          } else {
            written.failed(Objects.requireNonNull(future.cause()));
          }
        });
  }

  private static WebSocketFrame frame(byte opCode, ByteBuf payload) {
    return switch (opCode) {
      case Protocol.TEXT -> new TextWebSocketFrame(payload);
      case Protocol.PONG -> new PongWebSocketFrame(payload);
      default -> new BinaryWebSocketFrame(payload);
    };
  }

  @Override
  public void sendClose(int code, String reason) {
    ChannelHandlerContext open = context();
    open.executor()
        .execute(() -> {
          saidGoodbye = true;
          open.writeAndFlush(new CloseWebSocketFrame(code, reason));
          demand();
        });
  }

  @Override
  public void abort() {
    context().close();
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext open = context;
    if (open == null) {
      throw new IllegalStateException("the connection is not open yet");
    }
    return open;
  }
}
