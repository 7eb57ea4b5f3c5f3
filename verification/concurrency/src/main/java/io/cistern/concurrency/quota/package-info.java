/** Races for the amounts that may be taken up to a limit, and for the tree of quotas. */
@NullMarked
package io.cistern.concurrency.quota;

import org.jspecify.annotations.NullMarked;
