package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Frees that were put off by a pin, and cannot be done at its close either, since the operating
 * system writes into memory that dies with the block. Time budget: 12 seconds, of which 10 are the
 * limit that a free of fallback memory waits.
 */
@Timeout(40)
class DeferredFreeUnderIoTest {
  private final Pipe pipe;

  DeferredFreeUnderIoTest() throws IOException {
    pipe = Pipe.open();
  }

  @AfterEach
  void close() throws IOException {
    pipe.sink().close();
    pipe.source().close();
  }

  @Test
  void theScopeOfAGuardedBlock() throws Exception {
    MemoryPool.Builder pool = MemoryPool.builder().tier(64, 2).checks(CheckLevel.GUARDED);
    refusedUntilTheIoIsOver(pool.build(), "Session is acquired by 1 clients");
  }

  @Test
  void fallbackMemory() throws Exception {
    refusedUntilTheIoIsOver(
        MemoryPool.builder().tier(4, 1).fallback(100).build(),
        "I/O is still under way on 8 B of fallback memory after 10 s: it stays allocated");
  }

  private void refusedUntilTheIoIsOver(MemoryPool pool, String message) throws Exception {
    MemoryBlock block = pool.allocate(8);
    ByteBuffer buffer = block.byteBuffer();
    Pin pin = block.pin();
    FutureTask<Integer> read = new FutureTask<>(() -> pipe.source().read(buffer));
    Thread reader = Thread.ofPlatform().start(read);
    Threads.until("the read is under way", () -> isIn(reader, "read0"));
    block.close();
    assertThat(pool.stats().checks().deferredFrees()).isEqualTo(1);
    assertThatThrownBy(pin::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(message);
    assertThat(pin.segment().byteSize()).as("the pin is open").isEqualTo(8);
    assertThat(pool.stats().used()).isEqualTo(1);
    assertThat(pool.verify().findings()).isEmpty();
    assertThatThrownBy(block::close).isInstanceOf(InvalidFreeException.class);
    pipe.sink().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(Threads.get(read)).isEqualTo(3);
    pin.close();
    assertThat(pool.stats().used()).isZero();
    assertThat(pool.verify().findings()).isEmpty();
    pool.close();
  }

  private static boolean isIn(Thread thread, String method) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals(method));
  }
}
