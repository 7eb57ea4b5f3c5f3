/** What a burst of large requests leaves of a server's memory when it is over. */
@NullMarked
package io.cistern.benchmarks.burst;

import org.jspecify.annotations.NullMarked;
