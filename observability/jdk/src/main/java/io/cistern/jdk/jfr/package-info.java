/** Pools as events of the JDK's flight recorder. */
@NullMarked
package io.cistern.jdk.jfr;

import org.jspecify.annotations.NullMarked;
