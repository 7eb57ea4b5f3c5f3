package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A chain beside a byte array that says what must be in it; one random step at a time. */
final class ChainModel implements AutoCloseable {
  private static final int MOST = 200;

  private final MemoryPool pool;
  private final SplittableRandom random;
  private final BlockChain chain;
  private byte[] expected = {};
  private byte next;
  private int refusals;

  ChainModel(MemoryPool pool, int blockBytes, SplittableRandom random) {
    this.pool = pool;
    this.random = random;
    this.chain = BlockChain.open(pool, blockBytes, MOST);
  }

  /** How often an append was refused, by the chain or the pool. */
  int refusals() {
    return refusals;
  }

  void step() throws IOException {
    switch (random.nextInt(12)) {
      case 0 -> appendByte();
      case 1, 2 -> appendOrThrow();
      case 3 -> appendOrNot();
      case 4 -> appendSome();
      case 5 -> readFromChannel();
      case 6 -> readByte();
      case 7 -> readArray();
      case 8 -> readBuffer();
      case 9 -> skip();
      case 10 -> writeToChannel();
      default -> look();
    }
    check();
  }

  private void check() {
    chain.verify();
    assertThat(chain.size()).isEqualTo(expected.length);
    assertThat(PoolKind.used(pool)).isEqualTo(chain.blocks());
    assertThat(chain.toByteArray()).isEqualTo(expected);
  }

  private byte[] fresh() {
    byte[] bytes = new byte[random.nextInt(random.nextInt(4) == 0 ? MOST : 30)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = next++;
    }
    return bytes;
  }

  private void came(byte[] bytes, int count) {
    int before = expected.length;
    expected = Arrays.copyOf(expected, before + count);
    System.arraycopy(bytes, 0, expected, before, count);
  }

  private void went(byte[] bytes, int count) {
    assertThat(Arrays.copyOf(bytes, count)).isEqualTo(Arrays.copyOf(expected, count));
    expected = Arrays.copyOfRange(expected, count, expected.length);
  }

  private void appendByte() {
    try {
      chain.append(next);
      came(new byte[] {next++}, 1);
    } catch (ChainFullException | PoolExhaustedException refused) {
      refusals++;
    }
  }

  private void appendOrThrow() {
    byte[] bytes = fresh();
    try {
      if (random.nextBoolean()) {
        chain.append(bytes);
      } else {
        chain.append(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
      }
      came(bytes, bytes.length);
    } catch (ChainFullException | PoolExhaustedException refused) {
      refusals++;
    }
  }

  private void appendOrNot() {
    byte[] bytes = fresh();
    if (chain.tryAppend(MemorySegment.ofArray(bytes))) {
      came(bytes, bytes.length);
    } else {
      refusals++;
    }
  }

  private void appendSome() {
    byte[] bytes = fresh();
    ByteBuffer source = ByteBuffer.wrap(bytes);
    int some = chain.appendSome(source);
    assertThat(source.position()).isEqualTo(some);
    refusals += some < bytes.length ? 1 : 0;
    came(bytes, some);
  }

  private void readFromChannel() throws IOException {
    byte[] bytes = fresh();
    TestChannel channel = TestChannel.giving(bytes, random.nextInt(1, 40), random.nextBoolean());
    try {
      long some = chain.readFrom(channel, random.nextInt(1, 60));
      assertThat(some).isEqualTo(some < 0 ? -1 : channel.moved());
      came(bytes, channel.moved());
    } catch (ChainFullException | PoolExhaustedException refused) {
      refusals++;
    }
  }

  private void readByte() {
    int value = chain.read();
    assertThat(value < 0).isEqualTo(expected.length == 0);
    if (value >= 0) {
      went(new byte[] {(byte) value}, 1);
    }
  }

  private void readArray() {
    byte[] target = new byte[random.nextInt(60)];
    went(target, chain.read(target, 0, target.length));
  }

  private void readBuffer() {
    byte[] target = new byte[random.nextInt(60)];
    went(target, chain.read(ByteBuffer.wrap(target)));
  }

  private void skip() {
    int most = random.nextInt(60);
    int skipped = (int) chain.skip(most);
    assertThat(skipped).isEqualTo(Math.min(most, expected.length));
    went(expected, skipped);
  }

  private void writeToChannel() throws IOException {
    TestChannel channel =
        TestChannel.taking(random.nextInt(120), random.nextInt(1, 40), random.nextBoolean());
    long written = chain.writeTo(channel);
    assertThat(written).isEqualTo(channel.moved());
    assertThat(written).isEqualTo(Math.min(expected.length, channel.limit()));
    went(channel.bytes(), channel.moved());
  }

  private void look() {
    int from = random.nextInt(expected.length + 1);
    int length = random.nextInt(expected.length - from + 1);
    assertThat(chain.slice(from, length).toByteArray())
        .isEqualTo(Arrays.copyOfRange(expected, from, from + length));
  }

  @Override
  public void close() {
    chain.close();
  }
}
