/**
 * Payloads larger than a block: chains of blocks, and streams, channels and pipes over them; start
 * at {@link io.cistern.io.BlockChain}.
 */
@NullMarked
package io.cistern.io;

import org.jspecify.annotations.NullMarked;
