package io.cistern.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A read-only view of bytes in a {@link BlockChain}: they can be looked at in any order without
 * being read. It holds no block: as soon as the first of its bytes is read, or the chain closed,
 * every use throws. That is exact, because a byte's position since the beginning of the chain names
 * it for ever.
 *
 * <p>For the same thread as the chain. 40 bytes of Java heap; a look at one byte takes constant
 * time and makes no garbage.
 */
public final class ChainSlice {
  private final BlockChain chain;
  private final long position;
  private final long length;

  ChainSlice(BlockChain chain, long position, long length) {
    this.chain = chain;
    this.position = position;
    this.length = length;
  }

  /**
   * How many bytes the view has.
   *
   * @return bytes, also when it is no longer valid
   */
  public long byteSize() {
    return length;
  }

  /**
   * A byte.
   *
   * @param offset from the start of this view
   * @return the byte
   * @throws IndexOutOfBoundsException when there is none
   * @throws IllegalStateException when bytes of this view were read, or the chain is closed or in
   *     use
   */
  public byte get(long offset) {
    Objects.checkIndex(offset, length);
    return chain.getAt(position, offset);
  }

  /**
   * A view of a part of this view.
   *
   * @param offset from the start of this view
   * @param bytes of the part
   * @return valid until its own first byte is read
   * @throws IndexOutOfBoundsException when this view has not so many from there on
   */
  public ChainSlice slice(long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, length);
    return new ChainSlice(chain, position + offset, bytes);
  }

  /**
   * Copies bytes, block by block.
   *
   * @param offset of the first one, from the start of this view
   * @param target gets them
   * @param targetOffset where the first one goes, in bytes
   * @param bytes how many
   * @throws IndexOutOfBoundsException when this view or the target has not so many from there on;
   *     nothing was copied
   * @throws IllegalArgumentException when the target is read-only
   * @throws IllegalStateException when bytes of this view were read, or the chain is closed or in
   *     use
   */
  public void copyTo(long offset, MemorySegment target, long targetOffset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, length);
    Objects.checkFromIndexSize(targetOffset, bytes, target.byteSize());
    chain.copyAt(position, offset, target, targetOffset, bytes);
  }

  /**
   * A copy of all bytes.
   *
   * @return a new array
   * @throws IllegalStateException when bytes of this view were read, the chain is closed or in use,
   *     or there are more than an array can hold
   */
  public byte[] toByteArray() {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "%d B: an array can hold up to %d".formatted(length, Integer.MAX_VALUE - 8));
    }
    byte[] copy = new byte[(int) length];
    copyTo(0, MemorySegment.ofArray(copy), 0, length);
    return copy;
  }

  /**
   * The bytes as buffers, one for each block. They must not be used once bytes of this view were
   * read or the chain was closed, which is not detected at the use.
   *
   * @return read-only direct buffers in the order of the bytes
   * @throws IllegalStateException when bytes of this view were read, or the chain is closed or in
   *     use
   */
  public ByteBuffer[] byteBuffers() {
    return chain.buffersAt(position, length);
  }

  @Override
  public String toString() {
    return "ChainSlice[%d B from byte %d on of %s]".formatted(length, position, chain);
  }
}
