package io.cistern.arrow;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryPool;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One allocation of Arrow's, in one block: what its ledgers count references to. Arrow calls {@link
 * #release0} once, when the last ledger has let go. The block's handle makes sure of that: a second
 * call names an allocation that is not live any more and is refused, whoever has the block by then.
 *
 * <p>The block is there before this object is, and its address is read once, so that nothing can
 * fail any more when Arrow's constructor has entered a ledger into the allocator's books.
 */
final class CisternAllocationManager extends AllocationManager {
  private final MemoryPool pool;
  private final long handle;
  private final long address;
  private final long size;

  /**
   * For a block that is live; it stays the caller's when this throws, since the allocator is
   * closed.
   */
  CisternAllocationManager(
      BufferAllocator accounting, MemoryPool pool, long handle, long address, long size) {
    super(accounting);
    this.pool = pool;
    this.handle = handle;
    this.address = address;
    this.size = size;
  }

  /** Exactly what was asked for: Arrow keeps its books in it. */
  @Override
  public long getSize() {
    return size;
  }

  @Override
  protected long memoryAddress() {
    return address;
  }

  /**
   * Frees the block.
   *
   * @throws IllegalStateException when it was freed before, the type of Arrow's own for a release
   *     too many; nothing is changed
   */
  @Override
  protected void release0() {
    try {
      pool.free(handle);
    } catch (InvalidFreeException freedBefore) {
      throw new IllegalStateException(
          "memory of %d B at 0x%x was released before: %s"
              .formatted(size, address, freedBefore.getMessage()),
          freedBefore);
    }
  }
}
