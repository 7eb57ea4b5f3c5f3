package io.cistern.gateway;

import io.cistern.MemoryBlock;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One frame on its way through the gateway, and the owner of its block: from the moment it is
 * complete until its echo is written or has failed. The server writes straight out of the block, so
 * the block is freed when that is over and nowhere else, exactly once.
 */
final class Echo implements Wire.Written {
  private final Connection connection;
  private final Counters counters;
  private final byte opCode;
  private final MemoryBlock block;
  private final ByteBuffer payload;
  private final AtomicBoolean ended = new AtomicBoolean();

  Echo(Connection connection, Counters counters, Assembly.Complete frame) {
    this.connection = connection;
    this.counters = counters;
    this.opCode = frame.opCode();
    this.block = frame.block();
    this.payload = frame.payload();
    counters.echoing.incrementAndGet();
  }

  Connection connection() {
    return connection;
  }

  /** The frame's bytes in its block, from position to limit. */
  ByteBuffer payload() {
    return payload;
  }

  boolean isText() {
    return opCode == Protocol.TEXT;
  }

  /** Writes the frame back to where it came from. */
  void send() {
    connection.send(opCode, payload, this);
  }

  @Override
  public void done() {
    end(true);
  }

  @Override
  public void failed(Throwable cause) {
    end(false);
  }

  private void end(boolean written) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    block.close();
    (written ? counters.framesEchoed : counters.framesAborted).increment();
    counters.echoing.decrementAndGet();
    connection.echoEnded();
  }
}
