package io.cistern.gateway;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Checks that bytes are UTF-8, as the protocol asks of text, without keeping the characters. For
 * one thread.
 */
final class Utf8 {
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer scratch = CharBuffer.allocate(1024);

  /** Whether the bytes from position to limit are UTF-8; position and limit stay as they are. */
  boolean isValid(ByteBuffer text) {
    ByteBuffer rest = text.duplicate();
    decoder.reset();
    CoderResult result;
    do {
      scratch.clear();
      result = decoder.decode(rest, scratch, true);
    } while (result.isOverflow());
    return !result.isError();
  }
}
