package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cistern.CheckLevel;
import io.cistern.InvalidFreeException;
import io.cistern.MemoryPool;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A buffer that is released once more, after its memory has a new owner: refused here, while
 * Jetty's own pool takes the memory from the new owner and gives it to a third. Time budget: 5
 * seconds.
 */
@Timeout(60)
class StaleReleaseTest {
  private static final int ROUNDS = 20_000;

  /** A pool with one block, so that whoever comes next has the same memory. */
  private static MemoryPool oneBlock(CheckLevel level) {
    return MemoryPool.builder().tier(4096, 1).checks(level).build();
  }

  @ParameterizedTest
  @EnumSource(CheckLevel.class)
  void theNextOwnerKeepsItsBlock(CheckLevel level) {
    try (MemoryPool pool = oneBlock(level)) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      RetainableByteBuffer.Mutable old = buffers.acquire(10, true);
      old.release();
      RetainableByteBuffer.Mutable next = buffers.acquire(10, true);
      next.putLong(42);

      assertThatIllegalStateException()
          .isThrownBy(old::release)
          .withMessageMatching(
              "already released: icj.DirectBuffer@\\w+\\[0/4096,d=true,rc=0]: STALE: block 0 of 4096 B, generation \\d+, of pool 'pool' was freed before, and its block has had another owner since")
          .withCauseInstanceOf(InvalidFreeException.class);
      assertThatIllegalStateException().isThrownBy(old::retain);

      assertThat(pool.stats().used()).isEqualTo(1);
      assertThat(pool.tryAllocate(10)).isNull();
      assertThat(next.getByteBuffer().getLong(0)).isEqualTo(42);
      assertThat(next.getRetained()).isEqualTo(1);
      assertThat(next.release()).isTrue();
      assertThat(pool.stats().violations()).isEqualTo(2);
      Pools.assertIdle(buffers);
    }
  }

  @Test
  void theNextOwnerKeepsItsArray() {
    try (MemoryPool pool = oneBlock(CheckLevel.STANDARD)) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      RetainableByteBuffer.Mutable old = buffers.acquire(10, false);
      byte[] array = old.getByteBuffer().array();
      old.release();
      RetainableByteBuffer.Mutable next = buffers.acquire(10, false);
      assertThat(next.getByteBuffer().array()).isSameAs(array);

      assertThatIllegalStateException().isThrownBy(old::release);

      RetainableByteBuffer.Mutable third = buffers.acquire(10, false);
      assertThat(third.getByteBuffer().array()).isNotSameAs(array);
      assertThat(next.release()).isTrue();
      assertThat(third.release()).isTrue();
      assertThat(buffers.getHeapByteBufferCount()).isEqualTo(2);
    }
  }

  /** The old buffer's view is empty, and stays so whatever the next owner does with its own. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theOldViewIsEmptyAndItsOwn(boolean direct) {
    try (MemoryPool pool = oneBlock(CheckLevel.STANDARD)) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      RetainableByteBuffer.Mutable old = buffers.acquire(10, direct);
      old.putLong(1);
      ByteBuffer view = old.getByteBuffer();
      old.release();
      RetainableByteBuffer.Mutable next = buffers.acquire(10, direct);
      next.putLong(2).putLong(3);
      assertThat(view.remaining()).isZero();
      view.clear();
      assertThat(next.remaining()).isEqualTo(16);
      next.release();
    }
  }

  /** The same steps on Jetty's own pools: two owners of the same memory, and no exception. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void jettysPoolsGiveOneMemoryToTwoOwners(boolean tracking, boolean direct) {
    ByteBufferPool jettys =
        tracking ? new ArrayByteBufferPool.Tracking() : new ArrayByteBufferPool();
    jettys.acquire(10, direct).release(); // now it is in the pool
    RetainableByteBuffer.Mutable old = jettys.acquire(10, direct);
    old.release();
    RetainableByteBuffer.Mutable next = jettys.acquire(10, direct);
    next.putLong(42);

    assertThat(old.release()).isTrue(); // nothing says that it was not the old owner's any more

    RetainableByteBuffer.Mutable third = jettys.acquire(10, direct);
    third.putLong(13);
    assertThat(next.getByteBuffer().getLong(0)).isEqualTo(13);
  }

  /** Two threads release a buffer of one reference at once: one of them is refused. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofTwoReleasesAtOnceOneIsRefused(boolean direct) throws Exception {
    try (MemoryPool pool = oneBlock(CheckLevel.STANDARD);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      Meeting meeting = new Meeting();
      RetainableByteBuffer[] buffer = new RetainableByteBuffer[1];
      Future<Integer> theirs =
          other.submit(() -> {
            int given = 0;
            for (int i = 0; i < ROUNDS; i++) {
              meeting.await();
              given += isReleased(buffer[0]) ? 1 : 0;
              meeting.await();
            }
            return given;
          });
      int given = 0;
      for (int i = 0; i < ROUNDS; i++) {
        buffer[0] = buffers.acquire(10, direct);
        meeting.await();
        given += isReleased(buffer[0]) ? 1 : 0;
        meeting.await();
      }
      assertThat(given + theirs.get()).isEqualTo(ROUNDS);
      assertThat(buffers.getRefusedCount()).isEqualTo(ROUNDS);
      Pools.assertIdle(buffers);
    }
  }

  /** Two threads that wait for each other awake, so that they go on at the same moment. */
  private static final class Meeting {
    private final AtomicInteger arrivals = new AtomicInteger();

    void await() {
      int mine = arrivals.getAndIncrement();
      while (arrivals.get() / 2 == mine / 2) {
        Thread.onSpinWait();
        if (Thread.interrupted()) {
          throw new IllegalStateException("nobody came");
        }
      }
    }
  }

  private static boolean isReleased(RetainableByteBuffer buffer) {
    try {
      return buffer.release();
    } catch (IllegalStateException refused) {
      return false;
    }
  }
}
