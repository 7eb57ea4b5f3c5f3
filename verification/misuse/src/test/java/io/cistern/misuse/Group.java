package io.cistern.misuse;

/** What kind of misuse it is: a part of the table. */
enum Group {
  /** Frees that name no live allocation of the pool. */
  FREES("Frees"),
  /** Calls on an allocation that is gone, or was never the pool's. */
  STALE("Use of a name whose allocation is gone"),
  /** Accesses beyond what was asked for. */
  BOUNDS("Writes beyond the bounds"),
  /** Writes to memory that was given back. */
  WRITES("Writes after free"),
  /** Reads of memory that was given back. */
  READS("Reads after free"),
  /** A pool that is one thread's, used by another. */
  THREADS("A confined pool from elsewhere"),
  /** Pools that are closed, or closed too early. */
  CLOSING("Closing"),
  /** Blocks that others are still at work on. */
  IN_USE("Frees while others use the memory"),
  /** The pool as {@code java.lang.foreign.Arena}. */
  ARENAS("Arenas"),
  /** Pools of typed objects. */
  TYPED("Typed pools");

  private final String title;

  Group(String title) {
    this.title = title;
  }

  /** Its line in the table. */
  String title() {
    return title;
  }
}
