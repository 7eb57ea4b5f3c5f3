/**
 * Recorded allocations, and their replay on pools and on their peers. Start at {@link
 * io.cistern.simulator.Trace} and {@link io.cistern.simulator.Replay}.
 */
@NullMarked
package io.cistern.simulator;

import org.jspecify.annotations.NullMarked;
