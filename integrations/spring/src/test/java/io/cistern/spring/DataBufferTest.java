package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.core.io.buffer.PooledDataBuffer;

/**
 * What a data buffer over blocks does with its memory; how it reads and writes is Spring's test.
 */
class DataBufferTest {
  private final MemoryPool pool =
      MemoryPool.builder().tier(64, 4).tier(256, 4).tier(4096, 2).build();
  private final CisternDataBufferFactory factory = new CisternDataBufferFactory(pool);

  @AfterEach
  void nothingIsLive() {
    assertThat(pool.stats().used()).isZero();
    assertThat(pool.verify().ok()).isTrue();
    pool.close();
  }

  @Test
  void growsInPlaceWhereTheBlockHasRoom() {
    DataBuffer buffer = factory.allocateBuffer(10);
    buffer.write(new byte[60]);
    assertThat(buffer.capacity()).isEqualTo(64);
    assertThat(pool.stats().allocations()).isOne();
    DataBufferUtils.release(buffer);
  }

  @Test
  void growsIntoLargerBlockAndFreesTheSmaller() {
    DataBuffer buffer = factory.allocateBuffer(64);
    buffer.write(bytes(64)).write((byte) 64);
    assertThat(buffer.capacity()).isEqualTo(128);
    assertThat(pool.usedBlocks(64)).isZero();
    assertThat(pool.usedBlocks(256)).isOne();
    assertThat(read(buffer)).isEqualTo(bytes(65));
    DataBufferUtils.release(buffer);
  }

  @Test
  void viewsOutliveGrowth() {
    DataBuffer buffer = factory.allocateBuffer(64).write(bytes(64));
    @SuppressWarnings("deprecation")
    ByteBuffer view = buffer.asByteBuffer(0, 64);
    buffer.write((byte) 64);
    assertThat(pool.usedBlocks(64)).isOne();
    DataBuffer next = factory.allocateBuffer(64).write(new byte[64]);
    assertThat(view.get(63)).isEqualTo((byte) 63);
    DataBufferUtils.release(next);
    DataBufferUtils.release(buffer);
  }

  @Test
  void iterationHoldsMemoryUntilItIsClosed() {
    DataBuffer buffer = factory.allocateBuffer(64).write(bytes(64));
    try (DataBuffer.ByteBufferIterator iterator = buffer.readableByteBuffers()) {
      ByteBuffer view = iterator.next();
      buffer.write((byte) 64);
      assertThat(pool.usedBlocks(64)).isOne();
      assertThat(view.get(63)).isEqualTo((byte) 63);
    }
    assertThat(pool.usedBlocks(64)).isOne(); // until the buffer is released: it was lent then
    DataBufferUtils.release(buffer);
  }

  @Test
  void finishedIterationHoldsNothing() {
    DataBuffer buffer = factory.allocateBuffer(64).write(bytes(64));
    buffer.readableByteBuffers().close();
    buffer.write((byte) 64);
    assertThat(pool.usedBlocks(64)).isZero();
    DataBufferUtils.release(buffer);
  }

  @Test
  void partsKeepTheBlockUntilTheLastIsReleased() {
    DataBuffer tail = factory.allocateBuffer(200).write(bytes(200));
    DataBuffer head = tail.split(190);
    tail.write(new byte[20]);
    assertThat(pool.usedBlocks(64)).isOne();
    assertThat(pool.usedBlocks(256)).isOne();
    assertThat(read(head)).isEqualTo(bytes(190));
    DataBufferUtils.release(head);
    assertThat(pool.usedBlocks(256)).isZero();
    DataBufferUtils.release(tail);
  }

  @Test
  void partDoesNotGrowIntoTheOther() {
    DataBuffer tail = factory.allocateBuffer(32).write(bytes(32));
    DataBuffer head = tail.split(10);
    head.write(new byte[30]);
    assertThat(tail.getByte(0)).isEqualTo((byte) 10);
    DataBufferUtils.release(head);
    DataBufferUtils.release(tail);
  }

  @Test
  @SuppressWarnings("deprecation")
  void sliceDoesNotGrow() {
    DataBuffer buffer = factory.allocateBuffer(64).write(bytes(64));
    DataBuffer slice = buffer.slice(10, 5);
    assertThatThrownBy(() -> slice.write((byte) 1))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("a slice does not grow");
    assertThatThrownBy(() -> slice.capacity(3)).hasMessage("capacity 3: a slice keeps its 5 B");
    DataBufferUtils.release(slice);
    assertThat(((PooledDataBuffer) buffer).isAllocated()).isFalse();
  }

  @Test
  void noBytesTakeNoBlock() {
    DataBuffer buffer = factory.allocateBuffer(0);
    assertThat(pool.stats().used()).isZero();
    assertThat(read(buffer.write(bytes(3)))).isEqualTo(bytes(3));
    DataBufferUtils.release(buffer);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> factory.allocateBuffer(-1))
        .withMessage("a data buffer of -1 B: must be 0 or more");
  }

  @Test
  void wrappedMemoryIsSharedAndTakesNoBlockUntilItGrows() {
    byte[] theirs = bytes(8);
    DataBuffer buffer = factory.wrap(theirs);
    theirs[7] = 77;
    assertThat(buffer.getByte(7)).isEqualTo((byte) 77);
    assertThat(pool.stats().used()).isZero();
    buffer.write((byte) 1);
    assertThat(pool.stats().used()).isOne();
    DataBufferUtils.release(buffer);
  }

  @Test
  void joinReleasesAllAlsoWhenItFails() {
    List<DataBuffer> some = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      some.add(factory.allocateBuffer(50).write(bytes(50)));
    }
    DataBuffer joined = factory.join(some);
    assertThat(joined.readableByteCount()).isEqualTo(150);
    assertThat(pool.stats().used()).isOne();
    DataBufferUtils.release(joined);

    List<DataBuffer> tooMany =
        List.of(
            factory.allocateBuffer(4096).write(new byte[4096]),
            factory.allocateBuffer(10).write(new byte[10]));
    assertThatThrownBy(() -> factory.join(tooMany)).isInstanceOf(DataBufferLimitException.class);
    assertThat(pool.stats().used()).isZero();
    DataBuffer gone = factory.allocateBuffer(10).write(new byte[10]);
    DataBufferUtils.release(gone);
    List<DataBuffer> oneIsGone = List.of(factory.allocateBuffer(10).write(new byte[10]), gone);
    assertThatThrownBy(() -> factory.join(oneIsGone)).isInstanceOf(IllegalStateException.class);
    assertThat(pool.stats().used()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> factory.join(List.of()));
  }

  @Test
  void exhaustionHasTheFiguresAndBufferStays() {
    DataBuffer one = factory.allocateBuffer(4096);
    DataBuffer two = factory.allocateBuffer(100).write(bytes(100));
    DataBuffer three = factory.allocateBuffer(4000);
    assertThatThrownBy(() -> two.write(new byte[1000]))
        .isInstanceOf(PoolExhaustedException.class)
        .hasMessageContaining("asked 2048 B");
    assertThat(read(two)).isEqualTo(bytes(100));
    assertThatThrownBy(() -> two.write(new byte[5000]))
        .isInstanceOf(DataBufferLimitException.class)
        .hasMessage("data buffer of 5100 B: pool 'pool' serves at most 4096 B");
    List.of(one, two, three).forEach(DataBufferUtils::release);
  }

  @Test
  void orHeapNeverRefuses() {
    CisternDataBufferFactory lenient = CisternDataBufferFactory.orHeap(pool);
    List<DataBuffer> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(lenient.allocateBuffer(4000).write(bytes(100)));
    }
    all.add(lenient.allocateBuffer(10_000).write(bytes(100)));
    assertThat(lenient.heapBuffers()).isEqualTo(4);
    assertThat(pool.usedBlocks(4096)).isEqualTo(2);
    assertThat(all).allSatisfy(buffer -> assertThat(read(buffer)).isEqualTo(bytes(100)));
    all.forEach(DataBufferUtils::release);
    assertThatThrownBy(((PooledDataBuffer) all.getLast())::release)
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void forgottenBuffersOfServerAreFound() {
    CisternDataBufferFactory server = CisternDataBufferFactory.orHeap(pool);
    DataBuffer kept = server.allocateBuffer(64).write(bytes(64));
    forget(server);
    await()
        .untilAsserted(() -> {
          System.gc();
          assertThat(server.lostBuffers()).isEqualTo(3);
          assertThat(pool.stats().used()).isOne();
        });
    assertThat(read(kept)).isEqualTo(bytes(64));
    DataBufferUtils.release(kept);
    assertThat(server.lostBuffers()).isEqualTo(3);
  }

  /** One as it was allocated, and the two parts of another, which has grown too. */
  private static void forget(CisternDataBufferFactory server) {
    server.allocateBuffer(64).write(bytes(20));
    server.allocateBuffer(10).write(bytes(100)).split(50);
  }

  @Test
  void confinedPoolIsRefused() {
    try (MemoryPool confined = MemoryPool.builder().name("mine").tier(64, 1).confined().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CisternDataBufferFactory(confined))
          .withMessage("pool 'mine' is confined to one thread: buffers are released on any");
    }
  }

  @Test
  void ownPoolIsClosedWithTheFactory() {
    CisternDataBufferFactory own = new CisternDataBufferFactory();
    DataBuffer buffer = own.allocateBuffer(100_000);
    assertThatThrownBy(own::close).isInstanceOf(IllegalStateException.class);
    DataBufferUtils.release(buffer);
    own.close();
    assertThat(own.pool().isClosed()).isTrue();
    factory.close();
    assertThat(pool.isClosed()).isFalse();
  }

  /** Random operations on ours and on Spring's own, which must agree in everything. */
  @ParameterizedTest
  @EnumSource(CheckLevel.class)
  void agreesWithSpringsOwn(CheckLevel level) {
    long seed = System.nanoTime();
    try (MemoryPool checked =
        MemoryPool.builder()
            .name("seed " + seed)
            .tier(64, 8)
            .tier(1024, 8)
            .tier(1 << 16, 8)
            .checks(level)
            .build()) {
      System.out.println("agreesWithSpringsOwn: seed " + seed);
      Random random = new Random(seed);
      for (int round = 0; round < 40; round++) {
        new Twins(new CisternDataBufferFactory(checked), random).run(60);
      }
      assertThat(checked.stats().used()).isZero();
      assertThat(checked.verify().ok()).isTrue();
    }
  }

  /** One buffer of each kind, to which the same is done. */
  private static final class Twins {
    private final Random random;
    private DataBuffer ours;
    private DataBuffer theirs;

    Twins(CisternDataBufferFactory factory, Random random) {
      this.random = random;
      int capacity = random.nextInt(100);
      ours = factory.allocateBuffer(capacity);
      theirs = DefaultDataBufferFactory.sharedInstance.allocateBuffer(capacity);
    }

    void run(int steps) {
      for (int i = 0; i < steps; i++) {
        step();
        assertThat(ours.readPosition()).isEqualTo(theirs.readPosition());
        assertThat(ours.writePosition()).isEqualTo(theirs.writePosition());
        assertThat(ours.capacity()).isEqualTo(theirs.capacity());
        assertThat(ours.toString(StandardCharsets.ISO_8859_1))
            .isEqualTo(theirs.toString(StandardCharsets.ISO_8859_1));
      }
      DataBufferUtils.release(ours);
    }

    private void step() {
      switch (random.nextInt(6)) {
        case 0 -> {
          byte[] some = new byte[random.nextInt(200)];
          random.nextBytes(some);
          ours.write(some);
          theirs.write(some);
        }
        case 1 -> {
          int count = random.nextInt(theirs.readableByteCount() + 1);
          ours.readPosition(ours.readPosition() + count);
          theirs.readPosition(theirs.readPosition() + count);
        }
        case 2 -> {
          int at = random.nextInt(theirs.capacity() + 1);
          DataBuffer ourHead = ours.split(at);
          DataBuffer theirHead = theirs.split(at);
          if (random.nextBoolean()) {
            DataBuffer ourTail = ours;
            ours = ourHead;
            theirs = theirHead;
            ourHead = ourTail;
          }
          DataBufferUtils.release(ourHead);
        }
        case 3 -> capacity(random.nextInt(1000));
        case 4 -> {
          String text = "é€x".repeat(random.nextInt(20));
          ours.write(text, StandardCharsets.UTF_8);
          theirs.write(text, StandardCharsets.UTF_8);
        }
        default -> {
          // Bytes that were read already are no part of what they must agree in.
          byte wanted = (byte) random.nextInt(256);
          int from = theirs.readPosition();
          assertThat(ours.indexOf(b -> b == wanted, from))
              .isEqualTo(theirs.indexOf(b -> b == wanted, from));
          assertThat(Math.max(from - 1, ours.lastIndexOf(b -> b == wanted, 1 << 20)))
              .isEqualTo(Math.max(from - 1, theirs.lastIndexOf(b -> b == wanted, 1 << 20)));
        }
      }
    }

    @SuppressWarnings("deprecation")
    private void capacity(int capacity) {
      ours.capacity(capacity);
      theirs.capacity(capacity);
    }
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] read(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    return bytes;
  }
}
