package io.cistern;

import java.lang.foreign.MemorySegment;

/**
 * Makes views of one kind. One generated class for each, so that a call site which always meets the
 * same maker compiles to the view's constructor, and the view need not become an object.
 *
 * @param <T> the interface of the views
 */
interface ViewMaker<T> {
  /** A view of a segment from its first byte on. */
  T make(MemorySegment segment);
}
