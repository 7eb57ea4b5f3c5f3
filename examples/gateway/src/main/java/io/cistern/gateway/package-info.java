/**
 * The gateway. {@link io.cistern.gateway.Gateway} opens and closes it; a {@code Connection} a
 * client turns frames into {@code Echo}es, each of which owns one block of a pool; an {@code
 * EchoWorker} sends them back.
 */
@NullMarked
package io.cistern.gateway;

import org.jspecify.annotations.NullMarked;
