/** Pools seen through JMX; start at {@link io.cistern.jdk.PoolBeans}. */
@NullMarked
package io.cistern.jdk;

import org.jspecify.annotations.NullMarked;
