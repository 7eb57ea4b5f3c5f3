package io.cistern.gateway.load;

import io.cistern.config.Profile.Oversize;
import java.net.URI;

/**
 * What drives a gateway.
 *
 * @param uri where the gateway listens
 * @param clients how many clients, 0 or more
 * @param framesPerSecond how many frames all of them send together, at least 1
 * @param steadyFrames how many frames are under way at once while nobody bursts, at least 1; bursts
 *     go above it
 * @param limitBytes the largest frame that the gateway serves, at least {@value #SMALLEST_FRAME}
 * @param oversize what the gateway does with larger frames
 * @param seed of all that is random
 */
public record LoadOptions(
    URI uri,
    int clients,
    int framesPerSecond,
    int steadyFrames,
    long limitBytes,
    Oversize oversize,
    long seed) {

  /**
   * The smallest frame that the load sends, in bytes: its head names it, so that its echo can be
   * told from others.
   */
  public static final int SMALLEST_FRAME = 16;

  /** Checks the ranges. */
  public LoadOptions {
    if (clients < 0) {
      throw new IllegalArgumentException(clients + " clients: must be 0 or more");
    }
    if (framesPerSecond < 1) {
      throw new IllegalArgumentException(
          "rate of " + framesPerSecond + " frames/s: must be 1 or more");
    }
    if (steadyFrames < 1) {
      throw new IllegalArgumentException(steadyFrames + " steady frames: must be 1 or more");
    }
    if (limitBytes < SMALLEST_FRAME) {
      throw new IllegalArgumentException(
          "largest frame of %d B: the load needs %d B or more"
              .formatted(limitBytes, SMALLEST_FRAME));
    }
  }
}
