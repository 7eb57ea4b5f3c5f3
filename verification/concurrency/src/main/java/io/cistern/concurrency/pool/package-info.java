/** Races through the public face of a pool. */
@NullMarked
package io.cistern.concurrency.pool;

import org.jspecify.annotations.NullMarked;
