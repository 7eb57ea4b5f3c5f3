/**
 * Spring Boot: a {@link io.cistern.PoolManager} from the application's {@code cistern.*}
 * properties, its health and its metrics, and a {@link
 * org.springframework.core.io.buffer.DataBufferFactory} over its pools for WebFlux.
 */
@NullMarked
package io.cistern.spring;

import org.jspecify.annotations.NullMarked;
