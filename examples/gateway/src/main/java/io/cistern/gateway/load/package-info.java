/**
 * The load that drives the gateway: real WebSocket clients that stream, burst, fragment, overstep
 * and vanish, and check every echo. {@link io.cistern.gateway.load.Load} starts and stops them;
 * {@code Behaviour} says what one of them does.
 */
@NullMarked
package io.cistern.gateway.load;

import org.jspecify.annotations.NullMarked;
