package io.cistern;

/**
 * What one reclaimer did since it was registered; immutable. {@code failures <= runs} and {@code
 * timeouts <= runs}.
 *
 * @param name as registered
 * @param priority lower ones are called first
 * @param runs calls that began
 * @param freedBytes bytes that it said to have freed, late answers included
 * @param timeouts calls that had not returned when the time was up
 * @param failures calls that ended with an exception
 * @param running whether a call is under way now
 */
public record ReclaimerStats(
    String name,
    int priority,
    long runs,
    long freedBytes,
    long timeouts,
    long failures,
    boolean running) {}
