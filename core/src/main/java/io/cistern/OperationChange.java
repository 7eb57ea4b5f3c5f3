package io.cistern;

import java.time.Duration;
import java.util.Locale;

/**
 * What the threads of an {@link Operation} did to a pool while it was open. Bytes are whole blocks,
 * as they are occupied, not as they were asked for. A block that one of these threads frees counts,
 * whoever allocated it, and one that another thread frees does not.
 *
 * @param pool name of the pool
 * @param operation its name
 * @param took from its opening until now, or until it was closed
 * @param allocatedBlocks how many were allocated
 * @param allocatedBytes how many bytes were allocated
 * @param freedBlocks how many were freed
 * @param freedBytes how many bytes were freed
 * @param peakBytes the most that allocated bytes were ever above freed bytes, at least 0
 * @param failures requests that were not served
 */
public record OperationChange(
    String pool,
    String operation,
    Duration took,
    long allocatedBlocks,
    long allocatedBytes,
    long freedBlocks,
    long freedBytes,
    long peakBytes,
    long failures) {

  /**
   * By how many blocks use has changed.
   *
   * @return allocated less freed; negative when more were freed
   */
  public long blocks() {
    return allocatedBlocks - freedBlocks;
  }

  /**
   * By how many bytes use has changed.
   *
   * @return allocated less freed; negative when more were freed
   */
  public long bytes() {
    return allocatedBytes - freedBytes;
  }

  /** One line, for people to read. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "operation '%s' in pool '%s': %+,d blocks, %+,d B, peak %+,d B, %,d failures in %,.1f ms"
            + " (allocated %,d blocks, %,d B; freed %,d blocks, %,d B)",
        operation,
        pool,
        blocks(),
        bytes(),
        peakBytes,
        failures,
        took.toNanos() / 1e6,
        allocatedBlocks,
        allocatedBytes,
        freedBlocks,
        freedBytes);
  }
}
