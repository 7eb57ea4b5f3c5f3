package io.cistern.gateway;

/**
 * What became of the frames of a gateway: a snapshot of counters since it was opened. A frame here
 * is a whole message, text or binary, in however many fragments it came. Every frame has exactly
 * one end, so once nothing is under way
 *
 * <pre>
 * framesReceived = framesEchoed + framesRejectedTooLarge + framesDroppedExhausted + framesAborted
 * </pre>
 *
 * and {@code framesDroppedExhausted} is what the pool counts as failed.
 *
 * @param framesReceived frames whose first byte arrived
 * @param framesEchoed frames whose echo was written
 * @param framesRejectedTooLarge frames larger than any block they may take
 * @param framesDroppedExhausted frames that found no free block
 * @param framesAborted frames whose client was gone, or was sent away, before the echo was written
 * @param busyAnswers {@code busy} frames written, one for each frame dropped as exhausted unless
 *     its client was gone
 * @param bytesReceived payload bytes, skipped ones included
 * @param checksum exclusive or of the CRC-32C of all frames that were processed
 * @param echoing frames that hold a block now and wait for their echo to be written
 * @param connections clients that are connected now
 * @param connectionsOpened clients that ever connected
 */
public record GatewayStats(
    long framesReceived,
    long framesEchoed,
    long framesRejectedTooLarge,
    long framesDroppedExhausted,
    long framesAborted,
    long busyAnswers,
    long bytesReceived,
    int checksum,
    int echoing,
    int connections,
    long connectionsOpened) {

  /**
   * Frames that have had their end.
   *
   * @return a count, equal to {@link #framesReceived} when nothing is under way
   */
  public long framesEnded() {
    return framesEchoed + framesRejectedTooLarge + framesDroppedExhausted + framesAborted;
  }
}
