package io.cistern.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The lines of a trace, one at a time, without what follows a {@code #}. Unlike the lines of a
 * {@link java.io.BufferedReader} they have a longest length, so a file of any kind can be refused
 * without being held in memory, and it is known whether the last one was finished.
 */
final class TraceLines {
  /** Bytes of a line, its comment not counted. */
  static final int LONGEST = 256;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;

  private final byte[] text = new byte[LONGEST];
  private int length;
  private long number;
  private boolean finished;
  private boolean overlong;

  TraceLines(InputStream in) {
    this.in = in;
  }

  /** Goes to the next line; false at the end. */
  boolean next() throws IOException {
    length = 0;
    overlong = false;
    boolean any = false;
    boolean comment = false;
    for (int b = read(); b >= 0; b = read()) {
      any = true;
      if (b == '\n') {
        finished = true;
        number++;
        return true;
      }
      comment |= b == '#';
      if (!comment) {
        append((byte) b);
      }
    }
    finished = false;
    number += any ? 1 : 0;
    return any;
  }

  private void append(byte b) {
    if (length < LONGEST) {
      text[length++] = b;
    } else {
      overlong = true;
    }
  }

  private int read() throws IOException {
    if (position == limit) {
      limit = in.read(buffer, 0, buffer.length);
      position = 0;
      if (limit <= 0) {
        limit = 0;
        return -1;
      }
    }
    return buffer[position++] & 0xff;
  }

  /** The line without its comment and without blanks around it. */
  String text() {
    return new String(text, 0, length, StandardCharsets.ISO_8859_1).strip();
  }

  /** Number of the line, from 1. */
  long number() {
    return number;
  }

  /** Whether a line feed ended it, and not the end of the file. */
  boolean isFinished() {
    return finished;
  }

  /** Whether it has more than {@link #LONGEST} bytes: then {@link #text} is its beginning. */
  boolean isOverlong() {
    return overlong;
  }
}
