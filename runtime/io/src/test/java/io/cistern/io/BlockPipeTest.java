package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pipe promises: bounds, waiting, ends. Budget: 5 s. */
@Timeout(60)
class BlockPipeTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration SHORT = Duration.ofMillis(20);

  private final MemoryPool pool = MemoryPool.builder().name("p").tier(8, 4).build();
  private final BlockPipe pipe = BlockPipe.open(pool, 8, 20);
  private Thread thread = Thread.currentThread();

  @AfterEach
  void allIsFree() {
    pipe.verify();
    pipe.close();
    PoolKind.close(pool);
  }

  private <T> FutureTask<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    thread = Thread.ofVirtual().start(future);
    return future;
  }

  private void awaitWaiting() {
    Awaitility.await()
        .until(() ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
  }

  private static <T> T get(FutureTask<T> task) throws Exception {
    try {
      return task.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failed;
    }
  }

  private static ByteBuffer bytes(int from, int to) {
    return ByteBuffer.wrap(Seed.bytes(to)).position(from);
  }

  @Test
  void isBoundedAndFirstInFirstOut() throws Exception {
    assertThat(pool.stats().used()).isOne();
    ByteBuffer source = bytes(0, 30);
    assertThat(pipe.write(source, NOW)).isEqualTo(20);
    assertThat(source.remaining()).isEqualTo(10);
    assertThat(pool.stats().used()).isEqualTo(3);
    assertThatThrownBy(() -> pipe.write(source, SHORT))
        .isInstanceOf(PipeTimeoutException.class)
        .hasMessage(
            "pipe over pool 'p': no room within 20 ms; 20 of 20 B are on their way, in 3 blocks of"
                + " 8 B");
    assertThat(source.remaining()).isEqualTo(10);
    ByteBuffer target = ByteBuffer.allocate(9);
    assertThat(pipe.read(target, NOW)).isEqualTo(9);
    assertThat(target.flip()).isEqualTo(bytes(0, 9));
    assertThat(pipe.write(source, NOW)).isEqualTo(9);
    ByteBuffer rest = ByteBuffer.allocate(50);
    assertThat(pipe.read(rest, NOW)).isEqualTo(20);
    assertThat(rest.flip()).isEqualTo(bytes(9, 29));
    assertThat(pool.stats().used()).as("its own").isOne();
    assertThatThrownBy(() -> pipe.read(rest.clear(), SHORT))
        .isInstanceOf(PipeTimeoutException.class)
        .hasMessage(
            "pipe over pool 'p': nothing to read within 20 ms; 0 of 20 B are on their way, in 1"
                + " blocks of 8 B");
    assertThat(pipe)
        .hasToString("BlockPipe[pipe over pool 'p': 0 of 20 B from 0 on, in 1 blocks of 8 B]");
  }

  @Test
  void needsAPoolForTwoThreads() {
    try (MemoryPool own = MemoryPool.builder().name("own").tier(8, 4).confined().build()) {
      assertThatThrownBy(() -> BlockPipe.open(own, 8, 20))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("pool 'own' is confined to a thread: a pipe needs two");
    }
  }

  @Test
  void movesNothingWhereNothingIsAsked() throws Exception {
    assertThat(pipe.write(ByteBuffer.allocate(0), null)).isZero();
    assertThat(pipe.read(ByteBuffer.allocate(0), null)).isZero();
  }

  @Test
  void whoReadsWaitsForAByte() throws Exception {
    ByteBuffer target = ByteBuffer.allocate(9);
    FutureTask<Integer> read = start(() -> pipe.read(target, null));
    awaitWaiting();
    pipe.write(bytes(0, 3), NOW);
    assertThat(get(read)).isEqualTo(3);
    assertThat(target.flip()).isEqualTo(bytes(0, 3));
  }

  @Test
  void whoWritesWaitsForRoom() throws Exception {
    pipe.write(bytes(0, 20), NOW);
    FutureTask<Integer> write = start(() -> pipe.write(bytes(20, 30), Duration.ofDays(1)));
    awaitWaiting();
    pipe.read(ByteBuffer.allocate(4), NOW);
    assertThat(get(write)).isEqualTo(4);
  }

  @Test
  void goesOnWithItsOneBlockWhenThePoolIsExhausted() throws Exception {
    try (MemoryBlock all = pool.allocate(8);
        MemoryBlock other = pool.allocate(8);
        MemoryBlock third = pool.allocate(8)) {
      assertThat(all.isLive() && other.isLive() && third.isLive()).isTrue();
      FutureTask<Void> writing =
          start(() -> {
            try (OutputStream out = pipe.outputStream(null)) {
              out.write(Seed.bytes(1_000));
            }
            return null;
          });
      try (InputStream in = pipe.inputStream(null)) {
        assertThat(in.readAllBytes()).isEqualTo(Seed.bytes(1_000));
      }
      get(writing);
      assertThat(pool.stats().used()).isEqualTo(3);
    }
  }

  @Test
  void needsItsOneBlockAtTheBeginning() {
    try (MemoryPool one = MemoryPool.builder().name("one").tier(8, 1).build()) {
      try (BlockPipe first = BlockPipe.open(one, 8, 20)) {
        assertThatThrownBy(() -> BlockPipe.open(one, 8, 20))
            .isInstanceOf(PoolExhaustedException.class);
        first.verify();
      }
      PoolKind.close(one);
    }
    assertThatThrownBy(() -> BlockPipe.open(pool, 9, 20))
        .hasMessage("pipe over pool 'p': blocks of 9 B: must be from 1 to the pool's largest, 8 B");
  }

  @Test
  void afterTheWritersEndTheRestIsReadAndNothingHeld() throws Exception {
    pipe.write(bytes(0, 11), NOW);
    pipe.endWriting();
    pipe.endWriting();
    assertThatThrownBy(() -> pipe.write(bytes(0, 1), NOW))
        .isInstanceOf(ClosedChannelException.class);
    ByteBuffer target = ByteBuffer.allocate(10);
    assertThat(pipe.read(target, NOW)).isEqualTo(10);
    assertThat(pipe.read(target.clear(), NOW)).isOne();
    assertThat(pool.stats().used()).isZero();
    assertThat(pipe.read(target, NOW)).isEqualTo(-1);
    assertThat(pipe.read(target, null)).isEqualTo(-1);
  }

  @Test
  void anEmptyPipeIsFreeAtTheWritersEnd() {
    pipe.endWriting();
    assertThat(pool.stats().used()).isZero();
  }

  @Test
  void afterTheReadersEndNothingIsHeldAndWritingThrows() throws Exception {
    pipe.write(bytes(0, 11), NOW);
    pipe.endReading();
    assertThat(pool.stats().used()).isZero();
    assertThatThrownBy(() -> pipe.write(bytes(0, 1), null))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> pipe.read(ByteBuffer.allocate(1), null))
        .isInstanceOf(ClosedChannelException.class);
    pipe.close();
    pipe.close();
    assertThat(pool.stats().frees()).isEqualTo(2);
  }

  @Test
  void theWritersEndWakesTheReader() throws Exception {
    FutureTask<Integer> read = start(() -> pipe.read(ByteBuffer.allocate(9), null));
    awaitWaiting();
    pipe.endWriting();
    assertThat(get(read)).isEqualTo(-1);
  }

  @Test
  void closingWakesTheReader() {
    FutureTask<Integer> read = start(() -> pipe.read(ByteBuffer.allocate(9), null));
    awaitWaiting();
    pipe.close();
    assertThatThrownBy(() -> get(read)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void theReadersEndWakesTheWriter() throws Exception {
    pipe.write(bytes(0, 20), NOW);
    FutureTask<Integer> write = start(() -> pipe.write(bytes(0, 1), null));
    awaitWaiting();
    pipe.endReading();
    assertThatThrownBy(() -> get(write)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void anInterruptEndsTheWaitAndStaysSet() throws Exception {
    FutureTask<Boolean> read =
        start(() -> {
          assertThatThrownBy(() -> pipe.read(ByteBuffer.allocate(9), null))
              .isInstanceOf(InterruptedIOException.class)
              .hasMessage("pipe over pool 'p': interrupted");
          return Thread.currentThread().isInterrupted();
        });
    awaitWaiting();
    thread.interrupt();
    assertThat(get(read)).isTrue();
    pipe.write(bytes(0, 3), NOW);
    assertThat(pipe.read(ByteBuffer.allocate(9), NOW)).isEqualTo(3);
  }

  @Test
  void streamsCarryBytesOneByOneAndTogether() throws Exception {
    try (OutputStream out = pipe.outputStream(SHORT);
        InputStream in = pipe.inputStream(SHORT)) {
      out.write(200);
      out.write(new byte[] {1, 2, 3, 4}, 1, 2);
      assertThat(in.available()).isEqualTo(3);
      assertThat(in.read()).isEqualTo(200);
      byte[] target = new byte[6];
      assertThat(in.read(target, 2, 4)).isEqualTo(2);
      assertThat(target).containsExactly(0, 0, 2, 3, 0, 0);
      assertThatThrownBy(in::read).isInstanceOf(PipeTimeoutException.class);
      assertThatThrownBy(() -> out.write(new byte[2], 1, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> out.write(new byte[21])).isInstanceOf(PipeTimeoutException.class);
      assertThat(in.available()).isEqualTo(20);
      pipe.endWriting();
      assertThat(in.readAllBytes()).hasSize(20);
      assertThat(in.read()).isEqualTo(-1);
    }
    assertThatThrownBy(() -> pipe.inputStream(null).available()).isInstanceOf(IOException.class);
  }

  @Test
  void aPoolClosedUnderItIsSaid() {
    MemoryPool gone = MemoryPool.builder().name("gone").tier(8, 4).build();
    try (BlockPipe orphan = BlockPipe.open(gone, 8, 20)) {
      gone.closeNow();
      assertThatThrownBy(() -> orphan.write(bytes(0, 9), null))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(gone.isClosed()).isTrue();
  }
}
