package io.cistern;

/** Where a request may go when its own tier has no free block. */
public enum Spill {
  /** Nowhere: the request fails. */
  OFF,
  /** To the next larger tier only. */
  NEXT,
  /** To any larger tier, the smallest first. */
  ANY
}
