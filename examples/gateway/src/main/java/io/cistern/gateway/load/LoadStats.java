package io.cistern.gateway.load;

/**
 * What the clients of a load have seen: a snapshot of counters since it was started.
 *
 * @param framesSent whole frames sent, oversized ones not counted
 * @param echoesVerified echoes that were equal to what was sent, byte by byte
 * @param echoMismatches echoes that were not, or that nobody had asked for
 * @param busyAnswers {@code busy} frames received
 * @param oversizedSent frames sent that were too large
 * @param oversizedRefused connections that were closed with code 1009 for it
 * @param disconnects connections that a client broke off in mid-frame, on purpose
 * @param failures connections that ended although they should not have, or answers that did not
 *     come in time
 */
public record LoadStats(
    long framesSent,
    long echoesVerified,
    long echoMismatches,
    long busyAnswers,
    long oversizedSent,
    long oversizedRefused,
    long disconnects,
    long failures) {}
