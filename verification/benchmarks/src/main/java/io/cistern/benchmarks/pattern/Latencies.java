package io.cistern.benchmarks.pattern;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * Times of single operations in a fork, written to the file that the system property {@value #FILE}
 * names. Not safe for use by several threads.
 */
public final class Latencies {
  /** Where the histogram goes. */
  public static final String FILE = "cistern.benchmarks.histogram";

  private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(LONGEST_NS, DIGITS);
  private boolean measured;

  /** An iteration begins; what warm-up took is forgotten with the first that counts. */
  void begin(boolean measures) {
    if (measures && !measured) {
      histogram.reset();
    }
    measured = measures;
  }

  void record(long nanos) {
    histogram.recordValue(Math.min(nanos, LONGEST_NS));
  }

  /** Nothing where no file is named. */
  void write() throws IOException {
    String file = System.getProperty(FILE);
    if (file != null) {
      ByteBuffer encoded = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
      int length = histogram.encodeIntoCompressedByteBuffer(encoded);
      Files.write(Path.of(file), Arrays.copyOf(encoded.array(), length));
    }
  }

  /**
   * Reads what a fork has written.
   *
   * @param file from {@link #FILE}
   * @return times in nanoseconds
   * @throws IOException when there is no such file or it holds something else
   */
  public static Histogram read(Path file) throws IOException {
    try {
      return Histogram.decodeFromCompressedByteBuffer(
          ByteBuffer.wrap(Files.readAllBytes(file)), LONGEST_NS);
    } catch (DataFormatException damaged) {
      throw new IOException(file + " holds no histogram", damaged);
    }
  }
}
