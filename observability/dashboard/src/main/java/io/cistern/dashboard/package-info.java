/** Pools on a web page; start at {@link io.cistern.dashboard.Dashboard}. */
@NullMarked
package io.cistern.dashboard;

import org.jspecify.annotations.NullMarked;
