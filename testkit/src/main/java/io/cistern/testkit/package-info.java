/** {@link io.cistern.testkit.NoLeaks}: tests that fail when they leave blocks live. */
@NullMarked
package io.cistern.testkit;

import org.jspecify.annotations.NullMarked;
