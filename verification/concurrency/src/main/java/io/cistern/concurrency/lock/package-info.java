/** Races for the lock that is biased to its usual user, without a pool. */
@NullMarked
package io.cistern.concurrency.lock;

import org.jspecify.annotations.NullMarked;
