/**
 * What is measured: every allocator behind one small interface, each set up at its best. Nothing
 * here measures.
 */
@NullMarked
package io.cistern.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
