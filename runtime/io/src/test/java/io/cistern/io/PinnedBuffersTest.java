package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException;
import io.cistern.InvalidFreeException.Reason;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocks that others use while the chain goes on. Budget: 5 s. */
@Timeout(60)
class PinnedBuffersTest {
  private final AtomicInteger told = new AtomicInteger();
  private final MemoryPool pool =
      MemoryPool.builder()
          .name("p")
          .tier(8, 4)
          .listener(
              new PoolListener() {
                @Override
                public void onFreeDeferred(DeferredFree free) {
                  told.incrementAndGet();
                }
              })
          .build();
  private final BlockChain chain = BlockChain.open(pool, 8, 64);

  @AfterEach
  void allIsFree() {
    chain.close();
    PoolKind.close(pool);
  }

  private static byte[] joined(PinnedBuffers views) {
    ByteBuffer joined = ByteBuffer.allocate((int) views.byteSize());
    for (ByteBuffer view : views.byteBuffers()) {
      assertThat(view.isReadOnly()).isTrue();
      joined.put(view.duplicate());
    }
    return joined.array();
  }

  @Test
  void areTheBytesWhateverBecomesOfTheChain() {
    chain.append(Seed.bytes(20));
    PinnedBuffers views = chain.pinned();
    assertThat(views.byteSize()).isEqualTo(20);
    assertThat(chain.skip(20)).isEqualTo(20);
    assertThat(pool.stats().used()).as("three pinned").isEqualTo(3);
    assertThat(told).hasValue(3);
    try (MemoryBlock fourth = pool.allocate(8)) {
      fourth.segment().fill((byte) 99);
      assertThat(chain.tryAppend(new byte[1], 0, 1)).as("none is free").isFalse();
      assertThat(joined(views)).isEqualTo(Seed.bytes(20));
    }
    chain.close();
    assertThatThrownBy(pool::close).isInstanceOf(IllegalStateException.class);
    assertThat(joined(views)).isEqualTo(Seed.bytes(20));
    views.close();
    assertThat(pool.stats().used()).isZero();
    views.close();
    assertThat(pool.stats().frees()).isEqualTo(4);
  }

  @Test
  void withoutAFreeMeanwhileNothingIsPutOff() {
    chain.append(Seed.bytes(20));
    try (PinnedBuffers first = chain.pinned();
        PinnedBuffers second = chain.pinned()) {
      assertThat(joined(first)).isEqualTo(joined(second));
      assertThat(first.byteBuffers()[2]).isSameAs(first.byteBuffers()[2]);
    }
    assertThat(chain.skip(20)).isEqualTo(20);
    assertThat(pool.stats().used()).isZero();
    assertThat(told).hasValue(0);
  }

  @Test
  void ofAnEmptyChainAreNone() {
    try (PinnedBuffers none = chain.pinned()) {
      assertThat(none.byteBuffers()).isEmpty();
      assertThat(none.byteSize()).isZero();
    }
  }

  /** The chain's own I/O: blocks are pinned during the call of the channel, and not after it. */
  @Test
  void areWhatAChannelGets() throws Exception {
    chain.append(Seed.bytes(20));
    TestChannel taking = TestChannel.taking(20, 20, true).calling(() -> freeAll(3));
    assertThatThrownBy(() -> chain.writeTo(taking)).hasMessageContaining("was freed before");
    assertThat(taking.bytes()).isEqualTo(Seed.bytes(20));
    assertThat(told).hasValue(3);
    assertThat(pool.stats().used()).isZero();
    chain.verify();
    TestChannel giving = TestChannel.giving(Seed.bytes(8), 8, true).calling(() -> freeAll(4));
    assertThatThrownBy(() -> chain.readFrom(giving, 30)).hasMessageContaining("was freed before");
    assertThat(told).hasValue(7);
    assertThatThrownBy(chain::close).hasMessageContaining("was freed before");
  }

  /** What nobody may do: frees blocks by their address. While pinned that is put off. */
  private void freeAll(int blocks) {
    int freed = 0;
    for (int i = 0; i < 4; i++) {
      try {
        pool.free(pool.region().asSlice(i * 8L, 8));
        freed++;
      } catch (InvalidFreeException unused) {
        assertThat(unused.reason()).isEqualTo(Reason.DOUBLE_FREE);
      }
    }
    assertThat(freed).isEqualTo(blocks);
    assertThat(pool.stats().used()).as("pinned").isEqualTo(blocks);
  }

  /** The last unpin and the free at the same moment: each block is freed once. */
  @Test
  void unpinnedWhileTheChainIsClosedHoldNothing() throws Exception {
    SplittableRandom random = Seed.random("PinnedBuffersTest");
    CyclicBarrier together = new CyclicBarrier(2);
    for (int round = 0; round < 5_000; round++) {
      BlockChain racing = BlockChain.open(pool, 8, 64);
      racing.append(Seed.bytes(20));
      PinnedBuffers views = racing.pinned();
      FutureTask<Void> unpin =
          new FutureTask<>(() -> {
            together.await();
            views.close();
            return null;
          });
      Thread.ofPlatform().start(unpin);
      together.await();
      for (int spins = random.nextInt(200); spins > 0; spins--) {
        Thread.onSpinWait();
      }
      racing.close();
      unpin.get(30, TimeUnit.SECONDS);
      assertThat(pool.stats().used()).as("round %d", round).isZero();
    }
  }
}
