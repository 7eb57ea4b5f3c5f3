/** The figures of pools as Micrometer's meters, and a small server of them for Prometheus. */
@NullMarked
package io.cistern.micrometer;

import org.jspecify.annotations.NullMarked;
