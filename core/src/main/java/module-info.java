/**
 * Bounded, fragmentation-free off-heap memory pools: tiers of equal blocks, exact allocate and free
 * in constant time, misuse caught at the call that commits it. Needs {@code java.base} alone; the
 * JSpecify annotations are for compilers.
 */
module io.cistern {
  requires static transitive org.jspecify;

  exports io.cistern;
}
