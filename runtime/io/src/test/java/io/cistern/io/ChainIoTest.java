package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a channel may do to a chain: take or give little, nothing, or fail. Budget: 5 s. */
class ChainIoTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(8, 200).build();
  private final BlockChain chain = BlockChain.open(pool, 8, 1600);

  @AfterEach
  void allIsFree() {
    if (!chain.isClosed()) {
      chain.verify();
    }
    chain.close();
    PoolKind.close(pool);
  }

  private static byte[] part(int from, int to) {
    return Arrays.copyOfRange(Seed.bytes(to), from, to);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writesUntilTheChannelTakesNoMore(boolean several) throws Exception {
    for (int step : new int[] {1, 7, 8, 9, 511, 512, 513, 2000}) {
      for (int limit : new int[] {0, 1, 8, 600, 1201, 1203}) {
        chain.append(Seed.bytes(1203));
        chain.skip(2);
        TestChannel channel = TestChannel.taking(limit, step, several);
        int taken = Math.min(limit, 1201);
        assertThat(chain.writeTo(channel)).isEqualTo(taken);
        assertThat(Arrays.copyOf(channel.bytes(), taken)).isEqualTo(part(2, 2 + taken));
        assertThat(chain.toByteArray()).isEqualTo(part(2 + taken, 1203));
        chain.verify();
        chain.skip(chain.size());
      }
    }
  }

  @Test
  void aGatheringChannelGetsSixtyFourBlocksAtOnceOthersOne() throws Exception {
    chain.append(Seed.bytes(8 * 130));
    TestChannel gathering = TestChannel.taking(2000, 2000, true);
    chain.writeTo(gathering);
    assertThat(gathering.calls()).isEqualTo(3);
    chain.append(Seed.bytes(8 * 13));
    TestChannel plain = TestChannel.taking(2000, 2000, false);
    chain.writeTo(plain);
    assertThat(plain.calls()).isEqualTo(13);
    chain.writeTo(plain);
    assertThat(plain.calls()).as("nothing to write").isEqualTo(13);
  }

  /** Sixteen blocks behind what fits into the last one; from a plain channel one. */
  @Test
  void readsOnceIntoSoManyBlocks() throws Exception {
    TestChannel scattering = TestChannel.giving(Seed.bytes(400), 1000, true);
    assertThat(chain.readFrom(scattering, 3)).isEqualTo(3);
    assertThat(chain.readFrom(scattering, 1000)).isEqualTo(5 + (15 * 8));
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(128));
    assertThat(chain.readFrom(scattering, 1000)).isEqualTo(128);
    chain.skip(256);
    TestChannel plain = TestChannel.giving(Seed.bytes(100), 1000, false);
    assertThat(chain.readFrom(plain, 3)).isEqualTo(3);
    assertThat(chain.readFrom(plain, 1000)).isEqualTo(5);
    assertThat(chain.readFrom(plain, 1000)).isEqualTo(8);
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(16));
  }

  @Test
  void givesBackTheBlocksThatAReadDidNotFill() throws Exception {
    TestChannel trickle = TestChannel.giving(Seed.bytes(20), 9, true);
    assertThat(chain.readFrom(trickle, 1000)).isEqualTo(9);
    assertThat(pool.stats().used()).isEqualTo(2);
    assertThat(chain.readFrom(trickle, 1000)).isEqualTo(9);
    assertThat(chain.readFrom(trickle, 0)).isZero();
    assertThat(chain.readFrom(trickle, 1000)).isEqualTo(2);
    assertThat(chain.readFrom(trickle, 1000)).isEqualTo(-1);
    assertThat(pool.stats().used()).isEqualTo(3);
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(20));
    assertThatThrownBy(() -> chain.readFrom(trickle, -2))
        .hasMessage("chain over pool 'p': -2 bytes asked for: must be 0 or more");
  }

  @Test
  void aFullChainDoesNotAskTheChannel() throws Exception {
    chain.append(Seed.bytes(1599));
    TestChannel channel = TestChannel.giving(part(1599, 1700), 1000, true);
    assertThat(chain.readFrom(channel, 1000)).isOne();
    assertThatThrownBy(() -> chain.readFrom(channel, 1000))
        .isInstanceOf(ChainFullException.class)
        .hasMessage("chain over pool 'p' is full: asked 1 B, holds 1600 B, limit 1600 B");
    assertThat(channel.calls()).isOne();
    assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(1600));
  }

  /** A failure after every number of bytes: what was moved has moved, the rest has not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChannelThatFailsLosesNothing(boolean several) {
    for (int failAt = 1; failAt <= 40; failAt++) {
      int moved = failAt;
      chain.append(Seed.bytes(41));
      TestChannel taking = TestChannel.taking(100, 5, several).failingAt(failAt);
      assertThatThrownBy(() -> chain.writeTo(taking)).hasMessage("failed after " + moved + " B");
      assertThat(chain.toByteArray()).isEqualTo(part(failAt, 41));
      chain.verify();
      chain.skip(41);
      TestChannel giving = TestChannel.giving(Seed.bytes(41), 50, several).failingAt(failAt);
      assertThatThrownBy(() -> fill(giving)).hasMessage("failed after " + moved + " B");
      assertThat(chain.toByteArray()).isEqualTo(Seed.bytes(failAt));
      chain.verify();
      chain.skip(41);
    }
  }

  private void fill(TestChannel channel) throws IOException {
    while (chain.readFrom(channel, 1000) >= 0) {
      chain.verify();
    }
  }

  /** The channel calls back: the chain is in use, and stays whole. */
  @Test
  void refusesToBeUsedByTheChannelItWritesTo() throws Exception {
    chain.append(Seed.bytes(30));
    TestChannel channel =
        TestChannel.taking(100, 100, true)
            .calling(() ->
                assertThatThrownBy(() -> chain.append((byte) 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                        "chain over pool 'p' is in use by another call: it serves one at a time"));
    assertThat(chain.writeTo(channel)).isEqualTo(30);
    assertThat(channel.calls()).isOne();
  }

  @Test
  void closedDuringAWriteItEndsWithThatWrite() {
    chain.append(Seed.bytes(30));
    TestChannel channel = TestChannel.taking(100, 11, true).calling(chain::close);
    assertThatThrownBy(() -> chain.writeTo(channel)).isInstanceOf(AsynchronousCloseException.class);
    assertThat(channel.calls()).isOne();
    assertThat(Arrays.copyOf(channel.bytes(), 11)).isEqualTo(Seed.bytes(11));
    assertThat(pool.stats().used()).isZero();
  }

  @Test
  void closedDuringTheLastWriteNothingWasLost() throws Exception {
    chain.append(Seed.bytes(30));
    TestChannel channel = TestChannel.taking(100, 30, true).calling(chain::close);
    assertThat(chain.writeTo(channel)).isEqualTo(30);
    assertThat(pool.stats().used()).isZero();
  }

  @Test
  void closedDuringAReadItFreesAllAtItsEnd() throws Exception {
    chain.append(Seed.bytes(30));
    TestChannel channel = TestChannel.giving(Seed.bytes(50), 50, true);
    channel.calling(() -> {
      chain.close();
      assertThat(pool.stats().used()).isGreaterThan(4);
    });
    assertThat(chain.readFrom(channel, 50)).isEqualTo(50);
    assertThat(pool.stats().used()).isZero();
  }
}
