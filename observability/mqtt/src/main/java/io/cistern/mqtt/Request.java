package io.cistern.mqtt;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A command as it came.
 *
 * @param payload whatever was sent
 * @param responseTopic where the reply is wanted; null when nothing was said
 * @param correlation what the reply shall bear; null for nothing
 * @param done tells the broker that it may send another one
 */
record Request(
    ByteBuffer payload,
    @Nullable String responseTopic,
    @Nullable ByteBuffer correlation,
    Runnable done) {
  static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int LONGEST_CORRELATION = 1024;

  byte[] bytes() {
    byte[] bytes = new byte[payload.remaining()];
    payload.duplicate().get(bytes);
    return bytes;
  }

  /** Whether the reply can bear what it shall. */
  boolean isAnswerable() {
    return correlation == null || correlation.remaining() <= LONGEST_CORRELATION;
  }

  /** The same, with nothing asked of the reply. */
  Request plain() {
    return new Request(payload, null, null, done);
  }
}
