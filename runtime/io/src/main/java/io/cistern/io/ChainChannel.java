package io.cistern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;

/** A chain as a channel: at its end when the chain is empty. */
final class ChainChannel implements ByteChannel {
  private final BlockChain chain;
  private boolean closed;

  ChainChannel(BlockChain chain) {
    this.chain = chain;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    checkOpen();
    try {
      int some = chain.appendSome(source);
      if (some == 0 && source.hasRemaining()) {
        // Nothing fits: say why, rather than 0, on which a loop would spin.
        chain.append(source.get(source.position()));
        source.position(source.position() + 1);
        return 1;
      }
      return some;
    } catch (RuntimeException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    checkOpen();
    try {
      int some = chain.read(target);
      return some == 0 && target.hasRemaining() ? -1 : some;
    } catch (IllegalStateException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  private void checkOpen() throws IOException {
    if (closed || chain.isClosed()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed && !chain.isClosed();
  }

  @Override
  public void close() {
    closed = true;
  }
}
