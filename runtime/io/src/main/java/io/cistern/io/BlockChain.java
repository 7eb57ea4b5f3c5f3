package io.cistern.io;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * A payload larger than a block: bytes in a chain of equal blocks of a pool, first in, first out.
 * Blocks are taken as bytes come, and freed as soon as all their bytes were read; a chain without
 * bytes holds no block. It is bounded: {@code size() <= mostBytes()}, always.
 *
 * {@snippet :
 * try (BlockChain chain = BlockChain.open(pool, 4096, 1 << 20)) {
 *   chain.append(head);
 *   chain.append(body);
 *   chain.writeTo(socket); // one gathering write, as far as the socket takes it
 * }
 * }
 *
 * <p><b>All or nothing.</b> {@code append} adds all of its bytes. When the chain is full it throws
 * {@link ChainFullException}, when the pool is exhausted {@link io.cistern.PoolExhaustedException},
 * and then the chain is exactly as it was, and the blocks that were taken meanwhile are free again;
 * {@code tryAppend} gives false instead, {@code appendSome} adds what it can. If the source cannot
 * be read, or the target of a read not be written, the chain is as it was too.
 *
 * <p><b>Threads.</b> For one thread at a time: it may be handed on, and what one call wrote
 * happens-before what the next reads. A call during another one, from whichever thread, throws
 * {@link IllegalStateException}. Only {@link #close}, {@link #isClosed} and {@link #toString} may
 * be called by any thread at any moment; a close during a call is left to the end of that call. A
 * pipe between two threads is a {@link BlockPipe}.
 *
 * <p><b>Cost.</b> Bytes are copied once on their way in, and once out, block by block; a call adds
 * two compare-and-sets. Java heap: about 100 bytes for each block that is taken, up to 80 for a
 * call with an array or a buffer, some 200 for each view of a block, 400 with its pin, as a channel
 * gets it; nothing for a byte.
 */
public final class BlockChain implements AutoCloseable {
  private final String what;
  private final ByteQueue bytes;
  private final OneAtATime use;

  private BlockChain(MemoryPool pool, int blockBytes, long mostBytes) {
    this.what = "chain over pool '" + pool.name() + "'";
    this.bytes = new ByteQueue(what, pool, blockBytes, mostBytes);
    this.use = new OneAtATime(what);
  }

  /**
   * Opens an empty chain; takes no block yet.
   *
   * @param pool gives the blocks, and must stay open as long as the chain. Of a confined pool, all
   *     calls that take or free blocks must come from its thread
   * @param blockBytes of each block, from 1 to the pool's largest; best the size of a tier
   * @param mostBytes how many bytes it may hold at a time, at least 1. It then has at most {@code
   *     mostBytes / blockBytes + 2} blocks
   * @return to be closed by the caller
   * @throws IllegalArgumentException when a number is out of range
   */
  public static BlockChain open(MemoryPool pool, int blockBytes, long mostBytes) {
    return new BlockChain(pool, blockBytes, mostBytes);
  }

  /**
   * How many bytes were appended and not read yet.
   *
   * @return bytes
   */
  public long size() {
    enter();
    try {
      return bytes.size();
    } finally {
      leave();
    }
  }

  /**
   * The most that the chain may hold.
   *
   * @return bytes
   */
  public long mostBytes() {
    return bytes.mostBytes();
  }

  /**
   * The size of a block.
   *
   * @return bytes
   */
  public int blockBytes() {
    return bytes.blockBytes();
  }

  /**
   * How many blocks the chain has.
   *
   * @return 0 when it is empty
   */
  public int blocks() {
    enter();
    try {
      return bytes.blocks();
    } finally {
      leave();
    }
  }

  /**
   * Appends one byte.
   *
   * @param value the byte
   * @throws ChainFullException when the chain is full
   * @throws io.cistern.PoolExhaustedException when a block is needed and none is free
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public void append(byte value) {
    enter();
    try {
      bytes.append(value);
    } finally {
      leave();
    }
  }

  /**
   * Appends all bytes of an array.
   *
   * @param source is copied
   * @throws ChainFullException when the chain is full; nothing was appended
   * @throws io.cistern.PoolExhaustedException when not enough blocks are free; nothing was appended
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public void append(byte[] source) {
    append(MemorySegment.ofArray(source));
  }

  /**
   * Appends bytes of an array.
   *
   * @param source is copied
   * @param offset of the first byte
   * @param length bytes
   * @throws IndexOutOfBoundsException when the array has not so many from there on
   * @throws ChainFullException when the chain is full; nothing was appended
   * @throws io.cistern.PoolExhaustedException when not enough blocks are free; nothing was appended
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public void append(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    enter();
    try {
      bytes.append(MemorySegment.ofArray(source), offset, length);
    } finally {
      leave();
    }
  }

  /**
   * Appends all bytes of a segment, on the heap or off it.
   *
   * @param source is copied
   * @throws ChainFullException when the chain is full; nothing was appended
   * @throws io.cistern.PoolExhaustedException when not enough blocks are free; nothing was appended
   * @throws IllegalStateException when the chain is closed or in use, its pool closed, or the
   *     segment no longer valid; nothing was appended
   * @throws WrongThreadException when the segment belongs to another thread; nothing was appended
   */
  public void append(MemorySegment source) {
    enter();
    try {
      bytes.append(source, 0, source.byteSize());
    } finally {
      leave();
    }
  }

  /**
   * Appends the rest of a buffer, and moves its position to its limit.
   *
   * @param source is copied; unchanged when this throws
   * @throws ChainFullException when the chain is full; nothing was appended
   * @throws io.cistern.PoolExhaustedException when not enough blocks are free; nothing was appended
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public void append(ByteBuffer source) {
    append(MemorySegment.ofBuffer(source));
    source.position(source.limit());
  }

  /**
   * Appends all bytes of a segment, or none.
   *
   * @param source is copied
   * @return false when the chain would be too full or the pool is exhausted; then nothing has
   *     changed
   * @throws IllegalStateException as {@link #append(MemorySegment)}
   */
  public boolean tryAppend(MemorySegment source) {
    enter();
    try {
      return bytes.tryAppend(source, 0, source.byteSize());
    } finally {
      leave();
    }
  }

  /**
   * Appends bytes of an array, or none.
   *
   * @param source is copied
   * @param offset of the first byte
   * @param length bytes
   * @return false when the chain would be too full or the pool is exhausted; then nothing has
   *     changed
   * @throws IndexOutOfBoundsException when the array has not so many from there on
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public boolean tryAppend(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    enter();
    try {
      return bytes.tryAppend(MemorySegment.ofArray(source), offset, length);
    } finally {
      leave();
    }
  }

  /**
   * Appends the rest of a buffer, or nothing.
   *
   * @param source is copied, and its position moved to its limit; unchanged when nothing was
   *     appended
   * @return false when the chain would be too full or the pool is exhausted; then nothing has
   *     changed
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public boolean tryAppend(ByteBuffer source) {
    if (!tryAppend(MemorySegment.ofBuffer(source))) {
      return false;
    }
    source.position(source.limit());
    return true;
  }

  /**
   * Appends as much of the rest of a buffer as there is room for, and blocks can be had for.
   *
   * @param source is copied, and its position moved by as much
   * @return bytes appended; 0 when the chain is full or the pool exhausted
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public int appendSome(ByteBuffer source) {
    enter();
    try {
      int some = (int) bytes.appendSome(MemorySegment.ofBuffer(source), 0, source.remaining());
      source.position(source.position() + some);
      return some;
    } finally {
      leave();
    }
  }

  /**
   * Reads the first byte.
   *
   * @return from 0 to 255, or -1 when the chain is empty
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public int read() {
    enter();
    try {
      if (bytes.size() == 0) {
        return -1;
      }
      byte value = bytes.get(0);
      bytes.release(1);
      return Byte.toUnsignedInt(value);
    } finally {
      leave();
    }
  }

  /**
   * Reads the first bytes into an array.
   *
   * @param target gets them
   * @param offset where the first one goes
   * @param length how many are wanted
   * @return how many were had: fewer than {@code length} only when the chain is empty afterwards
   * @throws IndexOutOfBoundsException when the array has not so many places from there on
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    enter();
    try {
      return (int) read(MemorySegment.ofArray(target), offset, length);
    } finally {
      leave();
    }
  }

  /**
   * Reads the first bytes into a segment, from its start.
   *
   * @param target gets them
   * @return how many were had: fewer than it has only when the chain is empty afterwards
   * @throws IllegalArgumentException when the segment is read-only; nothing was read
   * @throws IllegalStateException when the chain is closed or in use, its pool closed, or the
   *     segment no longer valid; nothing was read
   * @throws WrongThreadException when the segment belongs to another thread; nothing was read
   */
  public long read(MemorySegment target) {
    enter();
    try {
      return read(target, 0, target.byteSize());
    } finally {
      leave();
    }
  }

  /**
   * Reads the first bytes into the rest of a buffer, and moves its position by as much.
   *
   * @param target gets them
   * @return how many were had: fewer than {@code target.remaining()} only when the chain is empty
   *     afterwards
   * @throws IllegalArgumentException when the buffer is read-only; nothing was read
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public int read(ByteBuffer target) {
    int some = (int) read(MemorySegment.ofBuffer(target));
    target.position(target.position() + some);
    return some;
  }

  private long read(MemorySegment target, long to, long most) {
    long some = Math.min(most, bytes.size());
    bytes.copyOut(0, target, to, some);
    bytes.release(some);
    return some;
  }

  /**
   * Gives up the first bytes.
   *
   * @param most how many, 0 or more
   * @return how many there were, at most
   * @throws IllegalArgumentException when the number is negative
   * @throws IllegalStateException when the chain is closed or in use
   */
  public long skip(long most) {
    ChainIo.checkMost(what, most);
    enter();
    try {
      long some = Math.min(most, bytes.size());
      bytes.release(some);
      return some;
    } finally {
      leave();
    }
  }

  /**
   * A view of bytes that are in the chain now; valid until the first of them is read.
   *
   * @param offset of the first, counted from the first unread byte
   * @param length bytes
   * @return a read-only view; it holds no block
   * @throws IndexOutOfBoundsException when the chain has not so many from there on
   * @throws IllegalStateException when the chain is closed or in use
   */
  public ChainSlice slice(long offset, long length) {
    enter();
    try {
      Objects.checkFromIndexSize(offset, length, bytes.size());
      return new ChainSlice(this, bytes.position() + offset, length);
    } finally {
      leave();
    }
  }

  /**
   * A copy of all bytes; they stay.
   *
   * @return a new array
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed, or when
   *     there are more than an array can hold
   */
  public byte[] toByteArray() {
    return slice(0, size()).toByteArray();
  }

  /**
   * Views of all bytes, one for each block, for a gathering write. They must not be used once the
   * bytes were read or the chain was closed, which is not detected at the use: where anybody might
   * do so meanwhile, take {@link #pinned()}.
   *
   * @return read-only direct buffers in the order of the bytes; none when the chain is empty
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public ByteBuffer[] byteBuffers() {
    return slice(0, size()).byteBuffers();
  }

  /**
   * Views of all bytes, as {@link #byteBuffers()}, whose blocks are pinned: they stay what they are
   * until the views are closed, even if the bytes are read or the chain is closed meanwhile. For
   * I/O that goes on when the call has returned.
   *
   * @return to be closed when the I/O is over
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public PinnedBuffers pinned() {
    enter();
    try {
      ByteBuffer[] buffers = bytes.buffers(0, bytes.size(), Integer.MAX_VALUE, true);
      return new PinnedBuffers(buffers, bytes.size(), bytes.pin(0, buffers.length));
    } finally {
      leave();
    }
  }

  /**
   * Writes the bytes to a channel until none is left, or the channel takes no more: it does not
   * block, and is full. To a {@link java.nio.channels.GatheringByteChannel} up to 64 blocks go in
   * one write. Blocks are freed as they are written, and pinned while they are.
   *
   * @param channel takes them
   * @return how many were written; the rest stays in the chain
   * @throws java.nio.channels.AsynchronousCloseException when the chain was closed meanwhile; the
   *     rest was not written
   * @throws IOException of the channel; what it has taken, as the positions of its buffers say, is
   *     no longer in the chain, the rest is
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public long writeTo(WritableByteChannel channel) throws IOException {
    enter();
    try {
      return ChainIo.write(bytes, channel, use);
    } finally {
      leave();
    }
  }

  /**
   * Reads from a channel once, right into blocks, which are pinned meanwhile: up to 16 blocks from
   * a {@link java.nio.channels.ScatteringByteChannel}, else one. Where the chain has room for less,
   * or the pool blocks, that much is read.
   *
   * @param channel gives them
   * @param most bytes, 0 or more
   * @return bytes appended, 0 when {@code most} is 0 or a channel that does not block has none, -1
   *     at its end
   * @throws ChainFullException when there is no room for even one byte
   * @throws io.cistern.PoolExhaustedException when a block is needed and none is free
   * @throws IOException of the channel; what it has given, as the positions of its buffers say, is
   *     in the chain
   * @throws IllegalArgumentException when {@code most} is negative
   * @throws IllegalStateException when the chain is closed or in use, or its pool closed
   */
  public long readFrom(ReadableByteChannel channel, long most) throws IOException {
    ChainIo.checkMost(what, most);
    enter();
    try {
      return ChainIo.read(bytes, channel, most);
    } finally {
      leave();
    }
  }

  /**
   * A stream that appends to the chain, all or nothing for each call. It throws {@link IOException}
   * when the chain is full, the pool exhausted, or either closed, with the reason as its cause.
   * Closing it does not close the chain.
   *
   * @return for the same thread as the chain
   */
  public OutputStream outputStream() {
    return new ChainOutputStream(this);
  }

  /**
   * A stream that reads from the chain: blocks are freed as they are read. It is at its end when
   * the chain is empty, and goes on when something is appended. Closing it does not close the
   * chain.
   *
   * @return for the same thread as the chain
   */
  public InputStream inputStream() {
    return new ChainInputStream(this);
  }

  /**
   * A channel over the chain: writing appends as much as there is room for, and throws {@link
   * IOException} when there is none; reading is at its end when the chain is empty. Closing it does
   * not close the chain.
   *
   * @return for the same thread as the chain
   */
  public ByteChannel channel() {
    return new ChainChannel(this);
  }

  /**
   * Frees all blocks; the bytes are lost. From another thread during a call this returns at once,
   * and the blocks are freed at the end of that call. Closing a closed chain does nothing.
   *
   * @throws WrongThreadException when the pool is confined to another thread; nothing has changed
   * @throws io.cistern.InvalidFreeException when somebody else has freed a block; the others are
   *     freed
   */
  @Override
  public void close() {
    if (use.close()) {
      free();
    }
  }

  /**
   * Whether the chain was closed.
   *
   * @return true once {@link #close} was called
   */
  public boolean isClosed() {
    return use.isClosed();
  }

  /** Bytes from an offset on in a slice that starts at a position. */
  void copyAt(long position, long from, MemorySegment target, long to, long length) {
    enter();
    try {
      bytes.copyOut(offset(position) + from, target, to, length);
    } finally {
      leave();
    }
  }

  byte getAt(long position, long from) {
    enter();
    try {
      return bytes.get(offset(position) + from);
    } finally {
      leave();
    }
  }

  ByteBuffer[] buffersAt(long position, long length) {
    enter();
    try {
      return bytes.buffers(offset(position), length, Integer.MAX_VALUE, true);
    } finally {
      leave();
    }
  }

  private long offset(long position) {
    long offset = position - bytes.position();
    if (offset < 0) {
      throw new IllegalStateException(
          "slice of %s from byte %d on: bytes up to %d were read"
              .formatted(what, position, bytes.position()));
    }
    return offset;
  }

  /** Walks everything; throws when something does not fit together. */
  void verify() {
    enter();
    try {
      bytes.verify();
    } finally {
      leave();
    }
  }

  private void enter() {
    use.enter();
  }

  private void leave() {
    if (use.leave()) {
      free();
    }
  }

  private void free() {
    try {
      bytes.free();
    } finally {
      if (bytes.blocks() > 0) {
        use.reopen();
      }
    }
  }

  @Override
  public String toString() {
    return "BlockChain[%s, up to %d B in blocks of %d B%s]"
        .formatted(what, mostBytes(), blockBytes(), isClosed() ? ", closed" : "");
  }
}
