package io.cistern.io;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another, through blocks of a pool, with back-pressure: who writes waits
 * while the pipe is full, who reads while it is empty.
 *
 * <pre>
 * writer ──► write ──► [ blocks, at most mostBytes ] ──► read ──► reader
 *              ▲ waits while full                          ▲ waits while empty
 * endWriting ──► what is there can still be read, then the end
 * endReading ──► all blocks are freed, writing throws
 * </pre>
 *
 * <p><b>A pipe never waits for its pool.</b> One block is its own from the beginning to the end;
 * others it takes when there are any, and gives back as they are read. When the pool is exhausted
 * the pipe goes on with that one block, more slowly: so whoever reads lets the writer go on,
 * whatever others do with the pool.
 *
 * <p><b>Threads.</b> One writes and one reads, platform or virtual; a waiting virtual thread
 * releases its carrier. All methods may be called by any thread at any moment: were there two
 * writers, no byte would be lost, but those of their calls would be mixed. What the writer did
 * before it wrote a byte happens-before what the reader does after it read it. Blocks are taken and
 * freed on both threads, so the pool must not be confined.
 *
 * <p><b>End.</b> Once {@link #close} was called, or the pipe was read to its end after {@link
 * #endWriting}, it holds no block.
 *
 * <p><b>Cost.</b> A lock, under which a call copies what there is room for; about 100 bytes of Java
 * heap for each block that is taken, and for each call; nothing for a byte. A pool closed under it
 * makes calls throw {@link IllegalStateException}.
 */
public final class BlockPipe implements AutoCloseable {
  private final String what;
  private final ByteQueue bytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notFull = lock.newCondition();
  private final Condition notEmpty = lock.newCondition();
  private boolean writingEnded;
  private boolean readingEnded;

  private BlockPipe(MemoryPool pool, int blockBytes, long mostBytes) {
    this.what = "pipe over pool '" + pool.name() + "'";
    this.bytes = new ByteQueue(what, pool, blockBytes, mostBytes);
  }

  /**
   * Opens an empty pipe with its one block.
   *
   * @param pool gives the blocks, and must stay open as long as the pipe; not confined
   * @param blockBytes of each block, from 1 to the pool's largest; best the size of a tier
   * @param mostBytes how many bytes may be on their way, at least 1
   * @return to be closed by either side
   * @throws IllegalArgumentException when a number is out of range, or the pool confined
   * @throws io.cistern.PoolExhaustedException when not even the first block is free
   */
  public static BlockPipe open(MemoryPool pool, int blockBytes, long mostBytes) {
    if (pool.isConfined()) {
      throw new IllegalArgumentException(
          "pool '%s' is confined to a thread: a pipe needs two".formatted(pool.name()));
    }
    BlockPipe pipe = new BlockPipe(pool, blockBytes, mostBytes);
    pipe.bytes.keepOne();
    return pipe;
  }

  /**
   * Writes as much as there is room for, once there is any.
   *
   * @param source is copied, and its position moved by as much
   * @param timeout how long to wait for room at most; null waits for ever
   * @return bytes written; 0 only when the buffer has nothing left
   * @throws PipeTimeoutException when there was no room in that time
   * @throws ClosedChannelException when reading or writing was ended, also while waiting
   * @throws InterruptedIOException when the thread is or was interrupted before anything was
   *     written; its interrupt status is set again
   * @throws IOException one of these
   */
  public int write(ByteBuffer source, @Nullable Duration timeout) throws IOException {
    int some = (int) write(MemorySegment.ofBuffer(source), 0, source.remaining(), timeout);
    source.position(source.position() + some);
    return some;
  }

  /**
   * Reads as much as there is, once there is anything.
   *
   * @param target gets it, and its position is moved by as much
   * @param timeout how long to wait for a byte at most; null waits for ever
   * @return bytes read, 0 only when the buffer has no room; -1 when writing was ended and all was
   *     read
   * @throws PipeTimeoutException when nothing came in that time
   * @throws ClosedChannelException when reading was ended, also while waiting
   * @throws InterruptedIOException when the thread is or was interrupted before anything was read;
   *     its interrupt status is set again
   * @throws IOException one of these
   */
  public int read(ByteBuffer target, @Nullable Duration timeout) throws IOException {
    int some = (int) read(MemorySegment.ofBuffer(target), 0, target.remaining(), timeout);
    target.position(target.position() + Math.max(0, some));
    return some;
  }

  long write(MemorySegment source, long from, long most, @Nullable Duration timeout)
      throws IOException {
    return locked(() -> {
      awaitRoom(most, timeout);
      long some = bytes.appendSome(source, from, most);
      notEmpty.signal();
      return some;
    });
  }

  long read(MemorySegment target, long to, long most, @Nullable Duration timeout)
      throws IOException {
    return locked(() -> {
      awaitBytes(most, timeout);
      long some = Math.min(most, bytes.size());
      if (some == 0) {
        return most == 0 ? 0 : -1;
      }
      bytes.copyOut(0, target, to, some);
      bytes.release(some);
      freeAtEnd();
      notFull.signal();
      return some;
    });
  }

  /** Bytes that can be read without waiting. */
  long available() throws IOException {
    lock.lock();
    try {
      checkReading();
      return bytes.size();
    } finally {
      lock.unlock();
    }
  }

  private interface Moving {
    long move() throws IOException, InterruptedException;
  }

  private long locked(Moving moving) throws IOException {
    try {
      lock.lockInterruptibly();
      try {
        return moving.move();
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      InterruptedIOException ended = new InterruptedIOException(what + ": interrupted");
      ended.initCause(interrupted);
      throw ended;
    }
  }

  private void awaitRoom(long most, @Nullable Duration timeout)
      throws IOException, InterruptedException {
    long left = nanos(timeout);
    checkWriting();
    while (most > 0 && bytes.reserveSome(1) == 0) {
      checkTime(left, timeout, "no room");
      left = notFull.awaitNanos(left);
      checkWriting();
    }
  }

  private void awaitBytes(long most, @Nullable Duration timeout)
      throws IOException, InterruptedException {
    long left = nanos(timeout);
    checkReading();
    while (most > 0 && bytes.size() == 0 && !writingEnded) {
      checkTime(left, timeout, "nothing to read");
      left = notEmpty.awaitNanos(left);
      checkReading();
    }
  }

  /** For ever is 292 years. */
  private static long nanos(@Nullable Duration timeout) {
    return timeout == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(timeout);
  }

  private void checkTime(long left, @Nullable Duration timeout, String missing)
      throws PipeTimeoutException {
    if (left <= 0 && timeout != null) {
      throw new PipeTimeoutException(
          "%s: %s within %d ms; %d of %d B are on their way, in %d blocks of %d B"
              .formatted(
                  what,
                  missing,
                  timeout.toMillis(),
                  bytes.size(),
                  bytes.mostBytes(),
                  bytes.blocks(),
                  bytes.blockBytes()));
    }
  }

  private void checkWriting() throws ClosedChannelException {
    if (writingEnded || readingEnded) {
      throw new ClosedChannelException();
    }
  }

  private void checkReading() throws ClosedChannelException {
    if (readingEnded) {
      throw new ClosedChannelException();
    }
  }

  private void freeAtEnd() {
    if (readingEnded || (writingEnded && bytes.size() == 0)) {
      bytes.free();
    }
  }

  /** The writer's side is done: the reader gets what is there, then the end. May be repeated. */
  public void endWriting() {
    end(false);
  }

  /** The reader's side is done: all blocks are freed, and writing throws. May be repeated. */
  public void endReading() {
    end(true);
  }

  private void end(boolean reading) {
    lock.lock();
    try {
      writingEnded = true;
      readingEnded |= reading;
      notFull.signalAll();
      notEmpty.signalAll();
      freeAtEnd();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends both sides at once: bytes on their way are lost, all blocks are freed, who waits gets a
   * {@link ClosedChannelException}. Closing a closed pipe does nothing.
   */
  @Override
  public void close() {
    endReading();
  }

  /**
   * The writer's side as a stream. A write returns when all bytes are in the pipe; if it throws,
   * those that there was room for before are. Closing it ends writing.
   *
   * @param timeout how long one write waits for room at most, each time that there is none; null
   *     waits for ever
   * @return for one thread
   */
  public OutputStream outputStream(@Nullable Duration timeout) {
    return new PipeOutputStream(this, timeout);
  }

  /**
   * The reader's side as a stream. A read returns as soon as there is something. Closing it ends
   * reading.
   *
   * @param timeout how long one read waits at most; null waits for ever
   * @return for one thread
   */
  public InputStream inputStream(@Nullable Duration timeout) {
    return new PipeInputStream(this, timeout);
  }

  /** Walks everything; throws when something does not fit together. */
  void verify() {
    lock.lock();
    try {
      bytes.verify();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    lock.lock();
    try {
      return "BlockPipe[" + bytes + "]";
    } finally {
      lock.unlock();
    }
  }
}
