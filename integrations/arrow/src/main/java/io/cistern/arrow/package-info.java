/**
 * Arrow's buffers in memory pools: {@link io.cistern.arrow.CisternAllocationManagerFactory}, given
 * to a root allocator, lets it and all its children take their memory from pools. Limits,
 * reservations, listeners, reference counts and ownership stay Arrow's own; bounds, attribution,
 * pressure, checks and figures are the pools'.
 */
@NullMarked
package io.cistern.arrow;

import org.jspecify.annotations.NullMarked;
