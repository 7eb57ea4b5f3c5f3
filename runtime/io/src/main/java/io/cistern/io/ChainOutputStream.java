package io.cistern.io;

import java.io.IOException;
import java.io.OutputStream;

/** Appends to a chain, all or nothing for each call. */
final class ChainOutputStream extends OutputStream {
  private final BlockChain chain;
  private boolean closed;

  ChainOutputStream(BlockChain chain) {
    this.chain = chain;
  }

  @Override
  public void write(int value) throws IOException {
    checkOpen();
    try {
      chain.append((byte) value);
    } catch (RuntimeException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    checkOpen();
    try {
      chain.append(source, offset, length);
    } catch (IndexOutOfBoundsException wrong) {
      throw wrong;
    } catch (RuntimeException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the stream that appends to " + chain + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
