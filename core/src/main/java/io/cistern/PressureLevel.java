package io.cistern;

/**
 * How much of a tier or a pool is used, against the thresholds it was built with (80 % and 95 % by
 * default).
 */
public enum PressureLevel {
  /** Below the low threshold. */
  NORMAL,
  /** At or above the low threshold: memory runs low. */
  LOW,
  /** At or above the critical threshold. */
  CRITICAL
}
