package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Closing while the operating system writes into a block: the memory must not go away under it.
 * Time budget: 12 seconds, of which 10 are the limit that closeNow waits.
 */
@Timeout(40)
class CloseNowUnderIoTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(64, 2).build();
  private final MemoryBlock block = pool.allocate(8);
  private Thread reader = Thread.currentThread();
  private FutureTask<Integer> read = new FutureTask<>(() -> 0);
  private Pipe pipe;

  CloseNowUnderIoTest() throws IOException {
    pipe = Pipe.open();
  }

  /** A thread that is inside the operating system's read, with a block's memory as its target. */
  @BeforeEach
  void readIntoABlock() {
    ByteBuffer buffer = block.byteBuffer();
    read = new FutureTask<>(() -> pipe.source().read(buffer));
    reader = Thread.ofPlatform().start(read);
    Threads.until("the read is under way", () -> isIn(reader, "read0"));
  }

  @AfterEach
  void finish() throws Exception {
    pipe.sink().write(ByteBuffer.allocate(8));
    Threads.get(read);
    pool.closeNow();
    pipe.sink().close();
    pipe.source().close();
    assertThat(pool.region().scope().isAlive()).isFalse();
  }

  private static boolean isIn(Thread thread, String method) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals(method));
  }

  @Test
  void closeNowWaitsUntilTheIoIsOver() throws Exception {
    FutureTask<Boolean> closer = startClosing();
    assertThat(closer.isDone()).isFalse();
    assertThat(pool.region().scope().isAlive()).as("region").isTrue();
    pipe.sink().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(Threads.get(read)).isEqualTo(3);
    assertThat(Threads.get(closer)).isTrue();
    assertThat(pool.region().scope().isAlive()).as("region").isFalse();
  }

  @Test
  void meanwhileThePoolIsClosedForEverybody() throws Exception {
    FutureTask<Boolean> closer = startClosing();
    assertThat(pool.isClosed()).isTrue();
    assertThat(block.isLive()).isFalse();
    assertThatThrownBy(() -> pool.tryAllocate(8)).hasMessage("pool 'p' is closed");
    block.close();
    assertThatThrownBy(() -> pool.allocateHandle(8)).hasMessage("pool 'p' is closed");
    assertThat(pool.stats().used()).as("when it was closed").isEqualTo(1);
    pipe.sink().write(ByteBuffer.allocate(1));
    assertThat(Threads.get(closer)).isTrue();
  }

  @Test
  void afterTenSecondsItSaysSoAndCanBeCalledAgain() {
    assertThatThrownBy(pool::closeNow)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "pool 'p' is closed, but I/O is still under way on its memory after 10 s: call closeNow()"
                + " again")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(pool.isClosed()).isTrue();
  }

  private FutureTask<Boolean> startClosing() {
    FutureTask<Boolean> closer =
        new FutureTask<>(() -> {
          pool.closeNow();
          return pool.isClosed();
        });
    Thread thread = Thread.ofPlatform().start(closer);
    Threads.until("closeNow waits", () -> isIn(thread, "parkNanos"));
    return closer;
  }
}
