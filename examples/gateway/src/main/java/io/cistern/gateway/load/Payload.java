package io.cistern.gateway.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/**
 * A frame's content: 16 hexadecimal digits that name it, then bytes that follow from the name. So
 * an echo can be checked byte by byte without keeping what was sent.
 *
 * @param id names the frame within its connection
 * @param text whether it is a text frame; its bytes are printable ASCII then
 * @param size in bytes
 */
record Payload(long id, boolean text, int size) {
  private static final int HEAD = LoadOptions.SMALLEST_FRAME;
  private static final int TABLE = 1 << 16;
  private static final byte[] BINARY = table(0, 256);
  private static final byte[] PRINTABLE = table(' ', '~' + 1);

  private static byte[] table(int from, int to) {
    Random random = new Random(TABLE);
    byte[] table = new byte[TABLE];
    for (int i = 0; i < TABLE; i++) {
      table[i] = (byte) random.nextInt(from, to);
    }
    return table;
  }

  /** The bytes to send. */
  byte[] bytes() {
    byte[] bytes =
        Arrays.copyOf(HexFormat.of().toHexDigits(id).getBytes(StandardCharsets.US_ASCII), size);
    byte[] table = text ? PRINTABLE : BINARY;
    int from = offset();
    for (int at = HEAD; at < size; ) {
      int run = Math.min(size - at, TABLE - from);
      System.arraycopy(table, from, bytes, at, run);
      at += run;
      from = 0;
    }
    return bytes;
  }

  /** Whether these are the bytes that were sent. */
  boolean matches(byte[] echo) {
    return Arrays.equals(bytes(), echo);
  }

  /** The name in the head of an echo; -1 when it has none. */
  static long idOf(byte[] echo) {
    if (echo.length < HEAD) {
      return -1;
    }
    try {
      return HexFormat.fromHexDigitsToLong(new String(echo, 0, HEAD, StandardCharsets.US_ASCII));
    } catch (NumberFormatException notAName) {
      return -1;
    }
  }

  private int offset() {
    return (int) ((id * 0x9E37_79B9_7F4A_7C15L) >>> 48);
  }
}
