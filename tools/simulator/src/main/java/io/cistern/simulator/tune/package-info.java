/**
 * Tiers for a program's own allocations: sizes and counts that serve its traces in the least
 * memory. Start at {@link io.cistern.simulator.tune.Tuner}.
 */
@NullMarked
package io.cistern.simulator.tune;

import org.jspecify.annotations.NullMarked;
