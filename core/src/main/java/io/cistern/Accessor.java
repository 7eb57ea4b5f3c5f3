package io.cistern;

import java.lang.foreign.MemoryLayout;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one method of a view does: with base b, indices i and the dimensions' strides s, it reaches
 * byte {@code b + offset + i0*s0 + i1*s1 + ...} of the segment.
 *
 * @param method of the interface
 * @param form what happens there
 * @param element what lies there; of a sequence, one element
 * @param offset of the member in the layout, in bytes
 * @param bytes of the whole member
 * @param dimensions that the method has an index for, outermost first
 * @param nested the view of the element, for {@link Form#NESTED} alone
 */
record Accessor(
    Method method,
    Form form,
    MemoryLayout element,
    long offset,
    long bytes,
    List<Dimension> dimensions,
    @Nullable View<?> nested) {

  /** What a method does with the place that it reaches. */
  enum Form {
    /** Reads the value. */
    GET,
    /** Writes the value. */
    SET,
    /** Writes the value and returns the view. */
    CHAIN,
    /** Makes a view of the struct or union. */
    NESTED,
    /** Makes a segment of the whole member. */
    SLICE
  }

  /**
   * One dimension of a sequence.
   *
   * @param count of elements
   * @param stride in bytes from one to the next
   */
  record Dimension(long count, long stride) {}
}
