/**
 * The same misuse, done to other allocators, each in a JVM of its own that may crash. Start reading
 * at {@code PeerMisuse}.
 */
@NullMarked
package io.cistern.misuse.peer;

import org.jspecify.annotations.NullMarked;
