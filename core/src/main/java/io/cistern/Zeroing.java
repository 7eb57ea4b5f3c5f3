package io.cistern;

/** When a block's memory is set to zero. A pool's region is all zero when the pool is opened. */
public enum Zeroing {
  /** Never: a block holds what its last owner left. */
  OFF,
  /** The requested bytes are zeroed by the call that allocates. */
  ON_ALLOCATE,
  /** The whole block is zeroed by the call that frees, before anyone else can get it. */
  ON_FREE
}
