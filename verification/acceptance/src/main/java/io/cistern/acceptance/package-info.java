/**
 * The acceptance suites. Start at {@link io.cistern.acceptance.Acceptance}, which lists and runs
 * them; a suite is one class ({@code PrismSuite}, {@code ModespSuite} …) whose methods are the
 * checks.
 */
@NullMarked
package io.cistern.acceptance;

import org.jspecify.annotations.NullMarked;
