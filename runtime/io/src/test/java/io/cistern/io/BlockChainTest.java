package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a chain promises, call by call, and at every boundary of a block. Budget: 5 s. */
class BlockChainTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(8, 10).build();
  private final BlockChain chain = BlockChain.open(pool, 8, 64);

  @AfterEach
  void allIsFree() {
    if (!chain.isClosed()) {
      chain.verify();
    }
    chain.close();
    PoolKind.close(pool);
  }

  /** Every length up to four blocks, behind every number of bytes that were read before. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 16})
  void whatComesOutIsWhatWentInWhereverBlocksEnd(int blockBytes) {
    try (MemoryPool blocks = MemoryPool.builder().name("p").tier(blockBytes, 8).build()) {
      for (int before = 0; before < blockBytes + 2; before++) {
        for (int length = 0; length <= (4 * blockBytes) + 1; length++) {
          roundTrip(blocks, blockBytes, before, length);
        }
      }
      PoolKind.close(blocks);
    }
  }

  private static void roundTrip(MemoryPool blocks, int blockBytes, int before, int length) {
    byte[] bytes = Seed.bytes(before + length);
    try (BlockChain chain = BlockChain.open(blocks, blockBytes, bytes.length + 1L)) {
      chain.append(bytes);
      assertThat(chain.skip(before)).isEqualTo(before);
      chain.verify();
      byte[] rest = new byte[length];
      assertThat(chain.toByteArray()).isEqualTo(Arrays.copyOfRange(bytes, before, bytes.length));
      assertThat(chain.read(rest, 0, length)).isEqualTo(length);
      assertThat(rest).isEqualTo(Arrays.copyOfRange(bytes, before, bytes.length));
      assertThat(chain.blocks()).isZero();
      chain.verify();
    }
    assertThat(blocks.stats().used()).isZero();
  }

  @Test
  void blocksAreTakenAsBytesComeAndFreedAsTheyAreRead() {
    assertThat(chain.blocks()).isZero();
    chain.append((byte) 1);
    assertThat(chain.blocks()).isOne();
    chain.append(new byte[7]);
    assertThat(chain.blocks()).isOne();
    chain.append((byte) 9);
    assertThat(chain.blocks()).isEqualTo(2);
    assertThat(pool.stats().used()).isEqualTo(2);
    assertThat(chain.read()).isOne();
    assertThat(chain.skip(6)).isEqualTo(6);
    assertThat(chain.blocks()).isEqualTo(2);
    assertThat(chain.read()).isZero();
    assertThat(pool.stats().used()).isOne();
    assertThat(chain.read()).isEqualTo(9);
    assertThat(pool.stats().used()).isZero();
    assertThat(chain.read()).isEqualTo(-1);
    assertThat(chain.size()).isZero();
  }

  @Test
  void takesAndGivesEveryKindOfMemory() {
    ByteBuffer buffer = ByteBuffer.wrap(Seed.bytes(12)).position(2).limit(11);
    ByteBuffer direct = ByteBuffer.allocateDirect(9).put(Seed.bytes(9)).flip().asReadOnlyBuffer();
    chain.append(buffer);
    chain.append(direct);
    chain.append(Seed.bytes(20), 5, 3);
    try (Arena arena = Arena.ofConfined()) {
      chain.append(arena.allocate(2).fill((byte) 77));
    }
    chain.append((byte) -1);
    assertThat(buffer.remaining()).isZero();
    assertThat(direct.remaining()).isZero();
    ByteBuffer heap = ByteBuffer.allocate(11).position(2);
    assertThat(chain.read(heap)).isEqualTo(9);
    assertThat(heap.array()).containsExactly(0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    MemorySegment segment = MemorySegment.ofArray(new byte[10]);
    assertThat(chain.read(segment)).isEqualTo(10);
    byte[] rest = new byte[8];
    assertThat(chain.read(rest, 1, 6)).isEqualTo(5);
    assertThat(rest).containsExactly(0, 6, 7, 77, 77, -1, 0, 0);
    assertThat(chain.read(rest, 0, 8)).isZero();
    chain.append((byte) -1);
    assertThat(chain.read()).isEqualTo(255);
  }

  @Test
  void aFullChainRefusesAndStaysAsItIs() {
    chain.append(Seed.bytes(60));
    assertThatThrownBy(() -> chain.append(new byte[5]))
        .isInstanceOf(ChainFullException.class)
        .hasMessage("chain over pool 'p' is full: asked 5 B, holds 60 B, limit 64 B")
        .isInstanceOfSatisfying(
            ChainFullException.class,
            full -> {
              assertThat(full.requestedBytes()).isEqualTo(5);
              assertThat(full.heldBytes()).isEqualTo(60);
              assertThat(full.mostBytes()).isEqualTo(64);
            });
    assertThat(chain.tryAppend(new byte[6], 1, 5)).isFalse();
    assertThat(chain.tryAppend(MemorySegment.ofArray(new byte[5]))).isFalse();
    ByteBuffer five = ByteBuffer.wrap(Seed.bytes(5));
    assertThat(chain.tryAppend(five)).isFalse();
    assertThatThrownBy(() -> chain.append(five)).isInstanceOf(ChainFullException.class);
    assertThat(five.remaining()).isEqualTo(5);
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(60));
    assertThat(chain.appendSome(five)).isEqualTo(4);
    assertThat(five.remaining()).isOne();
    assertThat(chain.appendSome(five)).isZero();
    assertThat(chain.size()).isEqualTo(chain.mostBytes());
    assertThatThrownBy(() -> chain.append((byte) 0)).isInstanceOf(ChainFullException.class);
    assertThat(chain.skip(1)).isOne();
    assertThat(chain.tryAppend(five)).isTrue();
    assertThat(five.remaining()).isZero();
    assertThat(chain.blocks()).isLessThanOrEqualTo((64 / 8) + 2);
  }

  @Test
  void whatCannotBeReadOrWrittenChangesNothing() throws Exception {
    chain.append(Seed.bytes(20));
    MemorySegment dead;
    try (Arena arena = Arena.ofConfined()) {
      dead = arena.allocate(30);
      MemorySegment elsewhere = dead;
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                assertThatThrownBy(() -> chain.append(elsewhere))
                    .isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> chain.read(elsewhere))
                    .isInstanceOf(WrongThreadException.class);
              });
      other.join();
    }
    assertThatThrownBy(() -> chain.append(dead)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> chain.tryAppend(dead)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> chain.read(dead)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> chain.read(MemorySegment.ofArray(new byte[9]).asReadOnly()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chain.read(ByteBuffer.allocate(9).asReadOnlyBuffer()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chain.append(new byte[3], 2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chain.tryAppend(new byte[3], -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chain.read(new byte[3], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chain.skip(-1))
        .hasMessage("chain over pool 'p': -1 bytes asked for: must be 0 or more");
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(20));
    assertThat(pool.stats().used()).isEqualTo(3);
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatThrownBy(() -> BlockChain.open(pool, 0, 64))
        .hasMessage(
            "chain over pool 'p': blocks of 0 B: must be from 1 to the pool's largest, 8 B");
    assertThatThrownBy(() -> BlockChain.open(pool, 9, 64)).hasMessageContaining("blocks of 9 B");
    assertThatThrownBy(() -> BlockChain.open(pool, 8, 0))
        .hasMessage("chain over pool 'p': limit of 0 B: must be at least 1");
    try (BlockChain endless = BlockChain.open(pool, 8, Long.MAX_VALUE)) {
      endless.append(new byte[80]);
      assertThatThrownBy(() -> endless.append((byte) 0)).isInstanceOf(PoolExhaustedException.class);
    }
  }

  @Test
  void closingFreesAllAndMayBeRepeated() {
    chain.append(new byte[40]);
    chain.skip(3);
    assertThat(chain.isClosed()).isFalse();
    chain.close();
    assertThat(pool.stats().used()).isZero();
    chain.close();
    assertThat(chain.isClosed()).isTrue();
    assertThat(pool.stats().frees()).isEqualTo(5);
    assertThatThrownBy(() -> chain.append((byte) 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chain over pool 'p' is closed");
    assertThatThrownBy(chain::read).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(chain::size).isInstanceOf(IllegalStateException.class);
    assertThat(chain)
        .hasToString("BlockChain[chain over pool 'p', up to 64 B in blocks of 8 B, closed]");
  }

  @Test
  void survivesThePoolsEnd() {
    MemoryPool gone = MemoryPool.builder().name("gone").tier(8, 4).build();
    BlockChain orphan = BlockChain.open(gone, 8, 32);
    orphan.append(new byte[12]);
    gone.closeNow();
    assertThatThrownBy(() -> orphan.append(new byte[12])).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(orphan::read).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(orphan::toByteArray).isInstanceOf(IllegalStateException.class);
    orphan.close();
    assertThat(orphan.isClosed()).isTrue();
  }

  @Test
  void ofAConfinedPoolItIsRefusedToOtherThreadsAndStaysAsItIs() throws Exception {
    try (MemoryPool own = MemoryPool.builder().name("own").tier(8, 4).confined().build()) {
      BlockChain confined = BlockChain.open(own, 8, 32);
      confined.append(Seed.bytes(20));
      FutureTask<Void> other =
          new FutureTask<>(() -> {
            assertThatThrownBy(confined::close).isInstanceOf(WrongThreadException.class);
            assertThatThrownBy(() -> confined.skip(9)).isInstanceOf(WrongThreadException.class);
            assertThatThrownBy(() -> confined.append(new byte[9]))
                .isInstanceOf(WrongThreadException.class);
            return null;
          });
      Thread.ofPlatform().start(other);
      other.get(30, TimeUnit.SECONDS);
      confined.verify();
      assertThat(confined.isClosed()).isFalse();
      assertThat(confined.toByteArray()).isEqualTo(Seed.bytes(20));
      confined.close();
      PoolKind.close(own);
    }
  }

  /** Somebody else has freed blocks by their address: that is thrown, and the others are freed. */
  @Test
  void closingFreesTheOthersWhenSomeWereFreedElsewhere() {
    chain.append(new byte[40]);
    pool.free(pool.region().asSlice(0, 8));
    pool.free(pool.region().asSlice(16, 8));
    assertThatThrownBy(chain::close)
        .isInstanceOfSatisfying(
            InvalidFreeException.class, first -> assertThat(first.getSuppressed()).hasSize(1));
    assertThat(pool.stats().used()).isZero();
    chain.close();
  }
}
