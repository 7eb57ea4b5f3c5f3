package io.cistern;

import io.cistern.internal.CoarseClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes allocations to a trace file while they happen: four header lines (weight, ids, operations,
 * peak live bytes), then a line for each operation, {@code a ID BYTES}, {@code r ID BYTES} or
 * {@code f ID}, with comments after {@code #}.
 *
 * <p>The file is written through a mapping, so that what was written survives the process, however
 * it dies: no buffer is lost with it. The mapped piece ahead of the last line is zero bytes; a line
 * ends with its line feed, which is written last. So a reader stops at the first zero byte and
 * drops a line without a line feed. The header's figures are 0 until the recording is closed, which
 * also cuts the zero bytes off.
 *
 * <p>Each piece is written with zeros before it is mapped, so that a full disk is an exception here
 * and not a fault at a store into the mapping. When there is no room, or the limit is reached, the
 * recording ends after the last whole line, with a warning, and the program goes on.
 *
 * <p>Not thread-safe.
 */
final class TraceWriter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.cistern");
  private static final int PIECE = 1 << 20;
  private static final int HEADER_WIDTH = 40;
  private static final int LONGEST_LABEL = 100;

  /** A line without its label, and the comments before and after it. */
  private static final int LONGEST_LINE = 200 + LONGEST_LABEL;

  /** In place of the id of an allocation that is not in the file. */
  static final int NOT_RECORDED = -1;

  private static final int MAX_DIGITS = 20;

  private final Path file;
  private final long limit;
  private FileChannel channel;
  private final byte[] line = new byte[LONGEST_LINE];
  private int length;

  /** Where in the file the present piece begins, and how much of it is written. */
  private long pieceOffset;

  private int position = PIECE;
  private MemorySegment piece = MemorySegment.NULL;
  private @Nullable Arena mapping;

  private boolean ended;
  private final int firstTick = CoarseClock.ticks();
  private int lastTick = -1;
  private int ids;
  private long operations;
  private long live;
  private long peak;

  /**
   * Creates the file, or empties it.
   *
   * @param file to write to
   * @param limit bytes at most
   * @param title goes into a comment
   */
  TraceWriter(Path file, long limit, String title) {
    this.file = file;
    this.limit = limit;
    try {
      this.channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException refused) {
      throw new UncheckedIOException(
          "trace file " + file + " cannot be written: " + refused.getMessage(), refused);
    }
    header();
    comment("pool " + title);
  }

  /** Four lines of a fixed width, so that they can be written again. */
  private void header() {
    headerLine(1, "weight");
    headerLine(0, "ids");
    headerLine(0, "operations");
    headerLine(0, "peak live bytes");
  }

  private void headerLine(long value, String what) {
    text(headerText(value, what));
    end();
  }

  private static String headerText(long value, String what) {
    String text = value + " # " + what;
    return text + " ".repeat(HEADER_WIDTH - 1 - text.length());
  }

  /** Records an allocation; its id, or {@link #NOT_RECORDED} once the recording has ended. */
  int allocated(long bytes, String label) {
    time();
    operation('a', ids);
    number(bytes);
    if (!label.isEmpty()) {
      text(" # ");
      text(label);
    }
    if (!endOperation(bytes)) {
      return NOT_RECORDED;
    }
    return ids++;
  }

  void resized(int id, long before, long bytes) {
    time();
    operation('r', id);
    number(bytes);
    endOperation(bytes - before);
  }

  void freed(int id, long bytes) {
    time();
    operation('f', id);
    endOperation(-bytes);
  }

  private boolean endOperation(long more) {
    if (!end()) {
      return false;
    }
    operations++;
    live += more;
    peak = Math.max(peak, live);
    return true;
  }

  /** Records a request that was not served, as a comment. */
  void failed(long bytes) {
    time();
    text("# failed");
    number(bytes);
    end();
  }

  private void comment(String text) {
    text("# ");
    text(text);
    end();
  }

  /** Says what time it is, once a tick. */
  private void time() {
    int tick = CoarseClock.ticks();
    if (tick != lastTick) {
      lastTick = tick;
      text("# at");
      number(((tick - firstTick) & Integer.MAX_VALUE) * CoarseClock.TICK_MILLIS);
      text(" ms");
      end();
    }
  }

  private void operation(char kind, long id) {
    line[length++] = (byte) kind;
    number(id);
  }

  private void number(long value) {
    int end = length + 1 + digits(value);
    line[length] = ' ';
    long rest = value;
    for (int at = end - 1; at > length; at--) {
      line[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length = end;
  }

  private static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return Math.min(digits, MAX_DIGITS);
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int count = Math.min(bytes.length, LONGEST_LABEL);
    while (count < bytes.length && (bytes[count] & 0xC0) == 0x80) { // not within a character
      count--;
    }
    for (int i = 0; i < count; i++) {
      line[length++] = isControl(bytes[i]) ? (byte) ' ' : bytes[i];
    }
  }

  /** A line feed in a label would begin a line of its own, a zero end the file. */
  private static boolean isControl(byte character) {
    return (character >= 0 && character < ' ') || character == 0x7F;
  }

  /** Writes the line, its line feed last; false once the recording has ended. */
  private boolean end() {
    if (position + length + 1 > PIECE && !ended) {
      nextPiece();
    }
    if (!ended) {
      MemorySegment.copy(line, 0, piece, ValueLayout.JAVA_BYTE, position, length);
      VarHandle.releaseFence();
      piece.set(ValueLayout.JAVA_BYTE, position + length, (byte) '\n');
      position += length + 1;
    }
    length = 0;
    return !ended;
  }

  /** Maps what follows the last line. */
  private void nextPiece() {
    long offset = written();
    try {
      if (offset + PIECE > limit) {
        throw new IOException("its limit of " + limit + " B is reached");
      }
      uninterrupted(() -> mapPiece(offset));
    } catch (IOException refused) {
      ended = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "recording to {0} ends after {1} operations: {2}",
          file,
          operations,
          refused.getMessage());
    }
  }

  private void mapPiece(long offset) throws IOException {
    fill(offset);
    Arena next = Arena.ofShared();
    MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, offset, PIECE, next);
    unmap();
    mapping = next;
    piece = mapped;
    pieceOffset = offset;
    position = 0;
  }

  /** Input or output that may be done again. */
  private interface Io {
    void run() throws IOException;
  }

  /**
   * Puts an interrupt of the calling thread off, which is the pool's user and may have one pending;
   * it would close the channel, and when it comes meanwhile the channel is opened again.
   */
  private void uninterrupted(Io io) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (boolean done = false; !done; ) {
        try {
          io.run();
          done = true;
        } catch (ClosedByInterruptException cutShort) {
          interrupted |= Thread.interrupted();
          channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private long written() {
    return mapping == null ? 0 : pieceOffset + position;
  }

  private void fill(long offset) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(PIECE);
    while (zeros.hasRemaining()) {
      channel.write(zeros, offset + zeros.position());
    }
  }

  private void unmap() {
    if (mapping != null) {
      mapping.close();
      mapping = null;
    }
  }

  /** Cuts off what is not written, and fills in the header. */
  @Override
  public void close() {
    if (!channel.isOpen()) {
      return;
    }
    long written = written();
    unmap();
    ended = true;
    try {
      uninterrupted(() -> finish(written));
      channel.close();
    } catch (IOException refused) {
      LOG.log(
          System.Logger.Level.WARNING, "trace file " + file + " could not be finished", refused);
    }
  }

  private void finish(long written) throws IOException {
    channel.truncate(written);
    if (written > 0) {
      String header =
          headerText(1, "weight")
              + "\n"
              + headerText(ids, "ids")
              + "\n"
              + headerText(operations, "operations")
              + "\n"
              + headerText(peak, "peak live bytes")
              + "\n";
      channel.write(ByteBuffer.wrap(header.getBytes(StandardCharsets.UTF_8)), 0);
    }
  }
}
