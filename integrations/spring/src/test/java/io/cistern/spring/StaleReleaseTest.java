package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.core.io.buffer.PooledDataBuffer;

/**
 * An old reference that is released again after its memory has a new owner. Ours throws and leaves
 * the owner alone; the same steps on Netty's pool, which is what WebFlux has by default, free the
 * owner's buffer.
 */
class StaleReleaseTest {
  private static final int SIZE = 200;

  @Test
  void staleReleaseLeavesTheNextOwnerAlone() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 1).build()) {
      CisternDataBufferFactory factory = new CisternDataBufferFactory(pool);
      PooledDataBuffer old = (PooledDataBuffer) factory.allocateBuffer(SIZE);
      assertThat(old.release()).isTrue();
      PooledDataBuffer next = (PooledDataBuffer) factory.allocateBuffer(SIZE);
      next.write("the owner's", StandardCharsets.UTF_8);

      old.touch("here");
      assertThatThrownBy(old::release)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("data buffer released after its last release; last hint: here");
      assertThatThrownBy(old::retain)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("data buffer retained after its last release");
      assertThatThrownBy(() -> old.write((byte) '!'))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("data buffer used after its last release");

      assertThat(next.isAllocated()).isTrue();
      assertThat(next.toString(StandardCharsets.UTF_8)).isEqualTo("the owner's");
      assertThat(pool.stats().used()).isOne();
      assertThat(next.release()).isTrue();
      assertThat(pool.verify().ok()).isTrue();
    }
  }

  /** On a thread of Netty's own kind, such as serves requests: others do not recycle. */
  @Test
  void nettysPoolFreesTheNextOwner() throws Exception {
    FutureTask<Boolean> nextIsLive =
        new FutureTask<>(() -> {
          DataBufferFactory factory = new NettyDataBufferFactory(new PooledByteBufAllocator(true));
          PooledDataBuffer old = (PooledDataBuffer) factory.allocateBuffer(SIZE);
          old.release();
          PooledDataBuffer next = (PooledDataBuffer) factory.allocateBuffer(SIZE);
          assertThat(old.release()).isTrue();
          return next.isAllocated();
        });
    Thread thread = new FastThreadLocalThread(nextIsLive, "netty");
    thread.start();
    assertThat(nextIsLive.get()).isFalse();
  }

  @Test
  void everyReadOfReleasedBufferThrows() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 4).build()) {
      CisternDataBufferFactory factory = new CisternDataBufferFactory(pool);
      PooledDataBuffer buffer = (PooledDataBuffer) factory.allocateBuffer(SIZE);
      buffer.write("abc", StandardCharsets.UTF_8);
      buffer.release();
      assertThatThrownBy(buffer::read).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.getByte(0)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.read(new byte[2])).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.indexOf(b -> true, 0))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.lastIndexOf(b -> true, 0))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.toString(StandardCharsets.UTF_8))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(buffer::readableByteBuffers).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> buffer.split(1)).isInstanceOf(IllegalStateException.class);
      assertThat(buffer).hasToString("CisternDataBuffer (r: 0, w: 3, c: 200, released)");
    }
  }

  /** Whoever comes last frees the block, and only he; all that are too many throw. */
  @Test
  void threadsReleaseExactlyAsOftenAsThereAreReferences() throws Exception {
    int threads = 4;
    int references = 1000;
    try (MemoryPool pool = MemoryPool.builder().tier(256, 4).build();
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      PooledDataBuffer buffer =
          (PooledDataBuffer) new CisternDataBufferFactory(pool).allocateBuffer(SIZE);
      IntStream.range(1, references).forEach(i -> buffer.retain());
      AtomicInteger released = new AtomicInteger();
      AtomicInteger last = new AtomicInteger();
      AtomicInteger refused = new AtomicInteger();
      CountDownLatch start = new CountDownLatch(1);
      var running =
          IntStream.range(0, threads)
              .<Future<?>>mapToObj(thread ->
                  executor.submit(() -> {
                    start.await();
                    for (int i = 0; i < references; i++) {
                      release(buffer, released, last, refused);
                    }
                    return thread;
                  }))
              .toList();
      start.countDown();
      for (Future<?> thread : running) {
        thread.get();
      }
      assertThat(released).hasValue(references);
      assertThat(last).hasValue(1);
      assertThat(refused).hasValue((threads - 1) * references);
      assertThat(pool.stats().used()).isZero();
    }
  }

  private static void release(
      PooledDataBuffer buffer, AtomicInteger released, AtomicInteger last, AtomicInteger refused) {
    try {
      last.addAndGet(buffer.release() ? 1 : 0);
      released.incrementAndGet();
    } catch (IllegalStateException tooMany) {
      refused.incrementAndGet();
    }
  }

  @Test
  void slicesShareReferencesAndPartsDoNot() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 4).build()) {
      DataBuffer buffer = new CisternDataBufferFactory(pool).allocateBuffer(SIZE);
      buffer.write("head and tail", StandardCharsets.UTF_8);
      DataBuffer head = buffer.split(5);
      assertThat(((PooledDataBuffer) head).release()).isTrue();
      assertThat(pool.stats().used()).isOne();
      assertThat(buffer.toString(StandardCharsets.UTF_8)).isEqualTo("and tail");
      assertThatThrownBy(((PooledDataBuffer) head)::release)
          .isInstanceOf(IllegalStateException.class);
      assertThat(pool.stats().used()).isOne();
      assertThat(((PooledDataBuffer) buffer).release()).isTrue();
    }
  }
}
