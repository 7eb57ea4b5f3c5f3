package io.cistern;

import java.util.List;

/**
 * Memory that nobody owned was written to: found by a pool that is {@link CheckLevel#CHECKED}, by
 * looking at what it had filled with a pattern.
 *
 * @param pool its name
 * @param kind where, seen from the block
 * @param block what the block is called in messages: its number, size and generation
 * @param blockBytes what was asked for
 * @param firstByte the first byte found damaged, counted from the block's start; negative before it
 * @param lastByte the last byte found damaged
 * @param allocated who allocated the block; of {@link Kind#WRITE_AFTER_FREE}, the owner before. Top
 *     frame first, empty if it had none
 * @param freed who freed it; empty while it is live
 */
public record Damage(
    String pool,
    Kind kind,
    String block,
    long blockBytes,
    long firstByte,
    long lastByte,
    List<StackTraceElement> allocated,
    List<StackTraceElement> freed) {
  private static final int FRAMES = 4;

  /** Where memory was damaged. */
  public enum Kind {
    /** Behind a block that was live until now. */
    OVERFLOW,
    /** Before a block that was live until now. */
    UNDERFLOW,
    /** In a block that was free until now. */
    WRITE_AFTER_FREE
  }

  /**
   * Immutable.
   *
   * @throws NullPointerException when a list is null
   */
  public Damage {
    allocated = List.copyOf(allocated);
    freed = List.copyOf(freed);
  }

  /** One line, and the places that had to do with it. */
  @Override
  public String toString() {
    return head() + at("; allocated by", allocated) + at("; freed by", freed);
  }

  /** Without the places. */
  String head() {
    return block
        + switch (kind) {
          case OVERFLOW ->
              " was written to %s behind its end at %d"
                  .formatted(
                      bytes(firstByte - blockBytes + 1, lastByte - blockBytes + 1), blockBytes);
          case UNDERFLOW ->
              " was written to %s before its start".formatted(bytes(-lastByte, -firstByte));
          case WRITE_AFTER_FREE ->
              firstByte == lastByte
                  ? " was written to after it was freed, at byte " + firstByte
                  : " was written to after it was freed, at bytes %d to %d"
                      .formatted(firstByte, lastByte);
        };
  }

  private static String bytes(long first, long last) {
    return first == last
        ? first == 1 ? "1 byte" : first + " bytes"
        : "%d to %d bytes".formatted(first, last);
  }

  static String at(String what, List<StackTraceElement> stack) {
    if (stack.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder(what);
    for (StackTraceElement frame : stack.subList(0, Math.min(FRAMES, stack.size()))) {
      text.append(System.lineSeparator()).append("    at ").append(frame);
    }
    return text.toString();
  }
}
