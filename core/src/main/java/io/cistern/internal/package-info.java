/**
 * How blocks are handed out, in plain numbers: nothing here knows of memory, sizes of blocks or
 * exceptions for users. Start at {@link io.cistern.internal.Blocks}, then {@link
 * io.cistern.internal.BlockPool}.
 */
@NullMarked
package io.cistern.internal;

import org.jspecify.annotations.NullMarked;
