package io.cistern;

import java.lang.foreign.MemorySegment;

/**
 * One object of a {@link TypedPool} and the block that it lies in. Freed by {@link #close()}, by
 * any thread that may use the pool.
 *
 * <p>What was taken from it (the object, objects nested in it, segments) is a view of the block's
 * memory, and must not be used after the block is freed: at check level STANDARD only {@link
 * #value()} and {@link #segment()} see that.
 *
 * <p>24 bytes on the Java heap and 32 for the block, 24 for a view and 40 for its segment; none
 * where the JIT sees that they do not escape.
 *
 * @param <T> the object's interface
 */
public final class TypedBlock<T> implements AutoCloseable {
  private final MemoryBlock block;
  private final ViewMaker<T> maker;

  TypedBlock(MemoryBlock block, ViewMaker<T> maker) {
    this.block = block;
    this.maker = maker;
  }

  /**
   * The object. Each call makes a new view of the same memory: keep it in a local variable.
   *
   * @return a view; views are equal when they are the same Java object
   * @throws IllegalStateException when the block was freed
   */
  public T value() {
    return maker.make(block.segment());
  }

  /**
   * The object's memory. Each call makes a new segment.
   *
   * @return exactly as long as the layout
   * @throws IllegalStateException when the block was freed
   */
  public MemorySegment segment() {
    return block.segment();
  }

  /**
   * The block that the object lies in.
   *
   * @return the allocation itself: freeing it frees this
   */
  public MemoryBlock block() {
    return block;
  }

  /**
   * The allocation's handle, as the handle form of the pool takes it.
   *
   * @return never 0
   */
  public long handle() {
    return block.handle();
  }

  /**
   * Whether the object has not been freed yet.
   *
   * @return true until it is freed
   */
  public boolean isLive() {
    return block.isLive();
  }

  /**
   * Frees the object. Does nothing when the pool was closed by {@link MemoryPool#closeNow()}.
   *
   * @throws InvalidFreeException DOUBLE_FREE or STALE when it was freed before; nothing is changed
   */
  @Override
  public void close() {
    block.close();
  }

  /**
   * For people.
   *
   * @return the object's members and their values while it is live, else the block alone
   */
  @Override
  public String toString() {
    return isLive() ? "TypedBlock[" + value() + ", " + block + "]" : "TypedBlock[" + block + "]";
  }
}
