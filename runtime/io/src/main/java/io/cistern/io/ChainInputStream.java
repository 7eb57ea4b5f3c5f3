package io.cistern.io;

import java.io.IOException;
import java.io.InputStream;

/** Reads from a chain; at its end when that is empty. */
final class ChainInputStream extends InputStream {
  private final BlockChain chain;
  private boolean closed;

  ChainInputStream(BlockChain chain) {
    this.chain = chain;
  }

  @Override
  public int read() throws IOException {
    checkOpen();
    try {
      return chain.read();
    } catch (IllegalStateException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    checkOpen();
    try {
      int some = chain.read(target, offset, length);
      return some == 0 && length > 0 ? -1 : some;
    } catch (IllegalStateException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  @Override
  public long skip(long most) throws IOException {
    checkOpen();
    try {
      return chain.skip(Math.max(0, most));
    } catch (IllegalStateException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  @Override
  public int available() throws IOException {
    checkOpen();
    try {
      return (int) Math.min(Integer.MAX_VALUE, chain.size());
    } catch (IllegalStateException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the stream that reads from " + chain + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
