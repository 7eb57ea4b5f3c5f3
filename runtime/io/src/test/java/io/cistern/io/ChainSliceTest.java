package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Views of bytes in a chain: what they show, and when they end. Budget: 5 s. */
class ChainSliceTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(8, 10).build();
  private final BlockChain chain = BlockChain.open(pool, 8, 64);

  @BeforeEach
  void fill() {
    chain.append(Seed.bytes(43));
    chain.skip(3);
  }

  @AfterEach
  void allIsFree() {
    chain.close();
    PoolKind.close(pool);
  }

  /** Every part of the 40 bytes, in every way to look at it. */
  @Test
  void showsEveryPart() {
    byte[] all = Arrays.copyOfRange(Seed.bytes(43), 3, 43);
    for (int from = 0; from <= 40; from++) {
      for (int length = 0; length <= 40 - from; length++) {
        byte[] expected = Arrays.copyOfRange(all, from, from + length);
        ChainSlice slice = chain.slice(from, length);
        assertThat(slice.byteSize()).isEqualTo(length);
        assertThat(slice.toByteArray()).isEqualTo(expected);
        assertThat(joined(slice.byteBuffers(), length)).isEqualTo(expected);
        assertThat(slice.slice(length / 2, length - (length / 2)).toByteArray())
            .isEqualTo(Arrays.copyOfRange(expected, length / 2, length));
        for (int i = 0; i < length; i++) {
          assertThat(slice.get(i)).isEqualTo(expected[i]);
        }
      }
    }
    assertThat(chain.toByteArray()).isEqualTo(all);
  }

  private static byte[] joined(ByteBuffer[] buffers, int length) {
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (ByteBuffer buffer : buffers) {
      assertThat(buffer.isReadOnly()).isTrue();
      assertThat(buffer.isDirect()).isTrue();
      assertThat(buffer.remaining()).isBetween(1, 8);
      joined.put(buffer);
    }
    assertThat(joined.hasRemaining()).isFalse();
    return joined.array();
  }

  @Test
  void copiesIntoTheMiddleOfATarget() {
    byte[] target = new byte[12];
    chain.slice(4, 20).copyTo(2, MemorySegment.ofArray(target), 1, 9);
    assertThat(target).containsExactly(0, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0, 0);
  }

  @Test
  void endsWhenItsFirstByteIsReadAndNotBefore() {
    ChainSlice early = chain.slice(0, 10);
    ChainSlice late = chain.slice(10, 10);
    ChainSlice part = early.slice(5, 5);
    chain.skip(5);
    assertThatThrownBy(() -> early.get(7))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("slice of chain over pool 'p' from byte 3 on: bytes up to 8 were read");
    chain.append(new byte[20]);
    assertThat(part.toByteArray()).containsExactly(8, 9, 10, 11, 12);
    assertThat(late.get(0)).isEqualTo((byte) 13);
    chain.skip(5);
    assertThatThrownBy(part::toByteArray).isInstanceOf(IllegalStateException.class);
    assertThat(late.get(9)).isEqualTo((byte) 22);
    chain.skip(chain.size());
    chain.append(Seed.bytes(50)); // other bytes, perhaps in the same blocks
    assertThatThrownBy(late::byteBuffers).isInstanceOf(IllegalStateException.class);
    chain.close();
    assertThatThrownBy(() -> late.get(0)).hasMessage("chain over pool 'p' is closed");
    assertThat(late)
        .hasToString(
            "ChainSlice[10 B from byte 13 on of BlockChain[chain over pool 'p', up to 64 B in"
                + " blocks of 8 B, closed]]");
  }

  @Test
  void refusesWhatIsOutOfItsBounds() {
    assertThatThrownBy(() -> chain.slice(0, 41)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chain.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    ChainSlice slice = chain.slice(0, 10);
    assertThatThrownBy(() -> slice.get(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.slice(5, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    byte[] target = new byte[12];
    MemorySegment segment = MemorySegment.ofArray(target);
    assertThatThrownBy(() -> slice.copyTo(2, segment, 0, 9))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.copyTo(0, segment, 3, 10))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(target).containsOnly(0);
  }
}
