/** The benchmarks' own command, which {@code cistern bench} runs in a JVM of its own. */
@NullMarked
package io.cistern.benchmarks;

import org.jspecify.annotations.NullMarked;
