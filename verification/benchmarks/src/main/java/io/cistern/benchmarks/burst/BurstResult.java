package io.cistern.benchmarks.burst;

/**
 * What a burst did to a process. The names are those of the JSON.
 *
 * @param subject the server, and where its memory comes from
 * @param beforeBytes of the process in RAM, when it had served small requests
 * @param peakBytes most ever
 * @param afterBytes when it had been idle
 * @param takenBeforeBytes memory that the pool or allocator had, by its own count
 * @param takenPeakBytes the same while all requests were held
 * @param takenAfterBytes the same when it had been idle
 * @param served requests that were answered
 * @param refused requests whose connection was closed instead
 * @param sound whether nothing was live at the end, and the server stopped without an error
 */
record BurstResult(
    String subject,
    long beforeBytes,
    long peakBytes,
    long afterBytes,
    long takenBeforeBytes,
    long takenPeakBytes,
    long takenAfterBytes,
    int served,
    int refused,
    boolean sound) {
  private static final double MIB = 1 << 20;

  static String head() {
    return "%-22s %28s   %26s   %s"
        .formatted("", "RSS MiB  before  peak after", "taken MiB  before peak after", "served");
  }

  @Override
  public String toString() {
    return "%-22s %15.0f %5.0f %5.0f   %17.1f %5.1f %5.1f   %d of %d%s"
        .formatted(
            subject,
            beforeBytes / MIB,
            peakBytes / MIB,
            afterBytes / MIB,
            takenBeforeBytes / MIB,
            takenPeakBytes / MIB,
            takenAfterBytes / MIB,
            served,
            served + refused,
            sound ? "" : ", not sound at the end");
  }
}
