/** How it is measured: the JMH benchmarks, one class a pattern, and the list of patterns. */
@NullMarked
package io.cistern.benchmarks.pattern;

import org.jspecify.annotations.NullMarked;
