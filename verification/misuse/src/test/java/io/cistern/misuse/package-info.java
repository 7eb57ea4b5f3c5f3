/**
 * Every way to misuse a pool that we know, as data, and the suite that does each of them for real.
 * Start reading at {@code MisuseSuite}.
 */
@NullMarked
package io.cistern.misuse;

import org.jspecify.annotations.NullMarked;
