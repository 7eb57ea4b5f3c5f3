package io.cistern.arrow;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.lang.foreign.Arena;
import java.util.List;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.ReferenceManager;
import org.jspecify.annotations.Nullable;

/**
 * Arrow's memory out of pools: a root allocator that was built with this factory, and all its
 * children, take one block for each allocation.
 *
 * {@snippet :
 * try (CisternAllocationManagerFactory memory = new CisternAllocationManagerFactory();
 *     BufferAllocator root =
 *         new RootAllocator(
 *             RootAllocator.configBuilder().allocationManagerFactory(memory).build())) {
 *   root.buffer(1000).close();
 * }
 * }
 *
 * <p>Arrow counts: references, ownership, limits, reservations, and tells its listeners; all of
 * that is as with its own memory. The pool serves: its bounds, quotas, labels, checks, pressure and
 * figures hold for what Arrow takes.
 *
 * <pre>
 * buffer(size) ──► Arrow: rounding, limits ──► create ──► first pool ──► second pool, if any
 *                                                └─► none has it: Arrow's OutOfMemoryException
 * last release ──► Arrow: limits ──► the block is freed by its handle
 * </pre>
 *
 * <p><b>Two pools.</b> A pool has tiers or blocks of any size. Given two, a request goes to the
 * first if it is not too large for it, and to the second if the first has no block.
 *
 * <p><b>Alignment</b> is that of the pool's blocks: give its builder {@code alignment(64)}, as
 * Arrow recommends. Addresses are multiples of 64 in the pools of a factory that was given none.
 *
 * <p><b>Cost.</b> Safe for use by several threads. A buffer takes what {@link
 * MemoryPool#allocateHandle(long)} takes, and no object but the one Arrow demands.
 */
public final class CisternAllocationManagerFactory
    implements AllocationManager.Factory, AutoCloseable {
  /** Nobody reads or writes it: it gives the empty buffer an address. */
  private static final long NOWHERE = Arena.global().allocate(64, 64).address();

  private static final ArrowBuf EMPTY = new ArrowBuf(ReferenceManager.NO_OP, null, 0, NOWHERE);

  /** The one asked before {@link #last}; null when there is one pool. */
  private final @Nullable MemoryPool first;

  private final MemoryPool last;
  private final @Nullable OwnPools own;

  /**
   * Makes pools of its own that grow: for sizes up to 64 KiB tiers, about 11 MiB that are taken at
   * once; for what is larger, or does not fit there, regions that come and go; then fallback
   * memory. In all they take no more than the Java heap may ({@link Runtime#maxMemory()}), which is
   * also what the JDK lets direct buffers have. {@link #close()} closes them, and so does the
   * collector, when neither the factory nor an allocator that uses it is reachable.
   */
  public CisternAllocationManagerFactory() {
    this(OwnPools.defaultBudget());
  }

  /**
   * Makes pools of its own, as {@link #CisternAllocationManagerFactory()}, within a budget. One
   * buffer may be as large as half of it, and 1 GiB at most.
   *
   * @param budgetBytes most that the pools may take, at least 32 MiB
   * @throws IllegalArgumentException when the budget is less
   */
  public CisternAllocationManagerFactory(long budgetBytes) {
    OwnPools pools = new OwnPools(budgetBytes);
    this.first = pools.manager.pool(OwnPools.TIERS);
    this.last = pools.manager.pool(OwnPools.ANY_SIZE);
    this.own = pools;
    pools.closeAfter(this);
  }

  /**
   * Takes memory from a pool, which stays the caller's to close.
   *
   * @param pool serves all sizes up to its {@link MemoryPool#maxSize()}; a view of one that is
   *     {@linkplain MemoryPool#labelled labelled} or {@linkplain MemoryPool#chargedTo charged}
   *     attributes what Arrow takes
   * @throws IllegalArgumentException when the pool is confined to a thread: buffers are released by
   *     any
   */
  public CisternAllocationManagerFactory(MemoryPool pool) {
    this.first = null;
    this.last = shared(pool);
    this.own = null;
  }

  /**
   * Takes memory from two pools, which stay the caller's to close: tiers first, say, and then
   * blocks of any size.
   *
   * @param small is asked for sizes up to its {@link MemoryPool#maxSize()}; fallback memory is for
   *     the other one
   * @param large serves what the first does not
   * @throws IllegalArgumentException when a pool is confined to a thread
   */
  public CisternAllocationManagerFactory(MemoryPool small, MemoryPool large) {
    this.first = shared(small);
    this.last = shared(large);
    this.own = null;
  }

  private static MemoryPool shared(MemoryPool pool) {
    if (pool.isConfined()) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to a thread: Arrow's buffers are released by any"
              .formatted(pool.name()));
    }
    return pool;
  }

  /**
   * The pools that it takes memory from, for figures and checks.
   *
   * @return one or two, in the order in which they are asked
   */
  public List<MemoryPool> pools() {
    return first == null ? List.of(last) : List.of(first, last);
  }

  /**
   * Takes a block for a buffer; called by Arrow, whose allocator has room for it within its limits.
   *
   * @param accounting the allocator that asks
   * @param size bytes, exactly as many as the buffer will have
   * @return what Arrow counts references to
   * @throws OutOfMemoryException when no pool has a block that the request may take, or serves such
   *     a size; the message has the figures, the cause is the pool's exception
   * @throws IllegalStateException when a pool is closed
   */
  @Override
  public AllocationManager create(BufferAllocator accounting, long size) {
    MemoryPool tried = first;
    if (tried != null) {
      long handle = tryFirst(tried, size);
      if (handle != MemoryPool.NO_HANDLE) {
        return manage(accounting, tried, handle, size);
      }
    }
    return size == 0
        ? new CisternAllocationManager(accounting, last, MemoryPool.NO_HANDLE, NOWHERE, 0)
        : manage(accounting, last, allocate(last, size), size);
  }

  /** A handle, or NO_HANDLE when the other pool is to be asked. */
  private long tryFirst(MemoryPool pool, long size) {
    if (size < 1 || size > pool.maxSize()) {
      return MemoryPool.NO_HANDLE;
    }
    return pool.pollHandle(size);
  }

  private static long allocate(MemoryPool pool, long size) {
    try {
      return pool.allocateHandle(size);
    } catch (PoolExhaustedException exhausted) {
      throw refused(size, exhausted);
    } catch (IllegalArgumentException tooLarge) {
      throw size > pool.maxSize() ? refused(size, tooLarge) : tooLarge;
    }
  }

  private static OutOfMemoryException refused(long size, RuntimeException cause) {
    return new OutOfMemoryException(
        "Unable to allocate buffer of size %d: %s".formatted(size, cause.getMessage()), cause);
  }

  private static AllocationManager manage(
      BufferAllocator accounting, MemoryPool pool, long handle, long size) {
    boolean managed = false;
    try {
      AllocationManager manager =
          new CisternAllocationManager(
              accounting, pool, handle, pool.segment(handle).address(), size);
      managed = true;
      return manager;
    } finally {
      if (!managed) {
        pool.free(handle);
      }
    }
  }

  /**
   * The buffer of size 0, of every allocator: it takes no memory, and need not be released.
   *
   * @return always the same
   */
  @Override
  public ArrowBuf empty() {
    return EMPTY;
  }

  /**
   * Closes the pools that the factory made; others are left open. Close the allocators before.
   *
   * @throws IllegalStateException when buffers are live: their number, sizes and ages are in the
   *     message, and the pools stay open
   */
  @Override
  public void close() {
    if (own != null) {
      own.manager.close();
    }
  }

  @Override
  public String toString() {
    return "CisternAllocationManagerFactory" + pools().stream().map(MemoryPool::name).toList();
  }
}
