package io.cistern;

/**
 * A handle taken apart as its documentation says, without the code that makes it: 8 bits of pool,
 * 24 of index, of which the tier takes as few as it needs, and 32 of generation.
 */
record HandleParts(int pool, int tier, int block, long generation) {
  static HandleParts of(long handle, int tiers) {
    int index = (int) (handle >>> 32) & 0xFF_FFFF;
    int blocks = 1 << blockBits(tiers);
    return new HandleParts(
        (int) (handle >>> 56), index / blocks, index % blocks, handle & 0xFFFF_FFFFL);
  }

  private static int blockBits(int tiers) {
    int tierBits = 0;
    while (1 << tierBits < tiers) {
      tierBits++;
    }
    return 24 - tierBits;
  }

  long handle(int tiers) {
    long index = ((long) tier << blockBits(tiers)) + block;
    return ((long) pool << 56) + (index << 32) + generation;
  }
}
