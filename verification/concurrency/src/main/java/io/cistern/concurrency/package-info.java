/**
 * The races: jcstress tests of the invariants that pools keep between threads.
 *
 * <p>{@link io.cistern.concurrency.Races} runs them; {@code blocks} has those for the state words
 * and hints of one tier, {@code pool} those through the public face.
 */
@NullMarked
package io.cistern.concurrency;

import org.jspecify.annotations.NullMarked;
