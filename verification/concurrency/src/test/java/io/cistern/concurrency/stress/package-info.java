/**
 * The peers' own stress patterns, run against our pools with every block's contents checked.
 *
 * <p>{@link io.cistern.concurrency.stress.Stress} is where to start: threads, seeds and the flag
 * that makes the runs longer.
 */
@NullMarked
package io.cistern.concurrency.stress;

import org.jspecify.annotations.NullMarked;
