package io.cistern.benchmarks.run;

/**
 * One iteration.
 *
 * @param size bytes of every allocation in a pair; else 0
 * @param nsPerOp nanoseconds
 * @param bytesPerOp garbage on the Java heap, in bytes
 */
public record Sample(int size, double nsPerOp, double bytesPerOp) {}
