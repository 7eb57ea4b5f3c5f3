package io.cistern;

/**
 * How much a pool checks. What is wrong with a free, and an access beyond what was asked for, is
 * thrown at every level; see docs/checks.md for what each level sees of 60 and more ways to misuse
 * memory.
 */
public enum CheckLevel {
  /**
   * For production: double, stale, foreign and interior frees, exact bounds, counters, leak
   * suspects from a sample of the allocations.
   */
  STANDARD,
  /**
   * For tests and for hunting a fault: also red zones around each block, looked at when it is
   * freed; a pattern in freed memory, looked at when it is handed out again, which is put off as
   * long as other blocks are free; the stack of each allocation and free; blocks that the collector
   * found unreachable before anybody freed them.
   */
  CHECKED,
  /**
   * Also: segments and buffers of a block are dead once it is freed, so that a use after free
   * throws at the use. Costs some 50 &micro;s a block, and needs native access.
   */
  GUARDED
}
