/** Races for the blocks of one tier, below pools and handles. */
@NullMarked
package io.cistern.concurrency.blocks;

import org.jspecify.annotations.NullMarked;
