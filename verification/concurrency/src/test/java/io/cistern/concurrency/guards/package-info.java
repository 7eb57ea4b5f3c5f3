/**
 * Takes guards out of a copy of core and looks whether the races notice.
 *
 * <p>What is taken out is in {@code guards.txt}; {@link io.cistern.concurrency.guards.GuardsTest}
 * does it.
 */
@NullMarked
package io.cistern.concurrency.guards;

import org.jspecify.annotations.NullMarked;
