package io.cistern.benchmarks.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import org.openjdk.jmh.annotations.CompilerControl;

/** {@link MemoryBlock}s: in try-with-resources for a pair, kept as objects otherwise. */
@CompilerControl(CompilerControl.Mode.INLINE)
final class BlockWorker implements Worker {
  private final MemoryPool pool;
  private final MemoryBlock[] blocks;

  BlockWorker(MemoryPool pool, int slots, Runnable atEnd) {
    this.pool = pool;
    this.blocks = new MemoryBlock[slots];
  }

  @Override
  public void pair(int size) {
    try (MemoryBlock block = pool.allocate(size)) {
      block.segment().set(JAVA_BYTE, 0, (byte) 1);
    }
  }

  @Override
  public void allocate(int slot, int size) {
    MemoryBlock block = pool.allocate(size);
    block.segment().set(JAVA_BYTE, 0, (byte) 1);
    blocks[slot] = block;
  }

  @Override
  public void free(int slot) {
    blocks[slot].close();
  }
}
