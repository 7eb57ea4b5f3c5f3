/**
 * The public face of Cistern: {@link io.cistern.MemoryPool} hands out {@link
 * io.cistern.MemoryBlock}s, {@link io.cistern.PoolManager} keeps named pools under one byte budget.
 *
 * <p>Words, one for each thing: a <em>region</em> is memory taken from the operating system in one
 * piece; a <em>tier</em> is all blocks of one size; a <em>block</em> is the unit that is handed
 * out; a <em>handle</em> is 64 bits that name one allocation; <em>spill</em> is taking a block of a
 * larger tier.
 */
@NullMarked
package io.cistern;

import org.jspecify.annotations.NullMarked;
