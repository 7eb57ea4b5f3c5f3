package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolExhaustedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The pool runs dry at every step of every way to append: then nothing was appended and no block
 * taken, or as much as is said. Budget: 10 s.
 */
class ChainExhaustionTest {
  private static final int BLOCK = 16;
  private static final int BLOCKS = 6;
  private static final int[] COMING = {1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, (3 * BLOCK) + 1};

  /** One moment: so many bytes in the chain, so many blocks free, so many bytes to come. */
  private record Moment(BlockChain chain, int size, int free, int coming) {
    boolean fits() {
      int rest = (BLOCK - (size % BLOCK)) % BLOCK;
      return coming <= rest + (free * BLOCK);
    }

    int most() {
      int rest = (BLOCK - (size % BLOCK)) % BLOCK;
      return Math.min(coming, rest + (free * BLOCK));
    }
  }

  private interface Check {
    /** Tries an append; how many bytes must be in the chain now. */
    int check(Moment moment) throws Exception;
  }

  private static void atEveryMoment(PoolKind kind, Check check) throws Exception {
    try (MemoryPool pool = kind.open(BLOCK, BLOCKS)) {
      for (int size = 0; size <= (2 * BLOCK) + 1; size++) {
        for (int free = 0; free <= 3; free++) {
          for (int coming : COMING) {
            at(pool, size, free, coming, check);
          }
        }
      }
      PoolKind.close(pool);
    }
  }

  private static void at(MemoryPool pool, int size, int free, int coming, Check check)
      throws Exception {
    List<MemoryBlock> taken = new ArrayList<>();
    try (BlockChain chain = BlockChain.open(pool, BLOCK, 1000)) {
      chain.append(Arrays.copyOf(Seed.bytes(200), size));
      while (PoolKind.used(pool) < BLOCKS - free) {
        taken.add(pool.allocate(BLOCK));
      }
      int after = check.check(new Moment(chain, size, free, coming));
      assertThat(chain.toByteArray()).isEqualTo(Arrays.copyOf(Seed.bytes(200), after));
      assertThat(chain.blocks()).isEqualTo((after + BLOCK - 1) / BLOCK);
      assertThat(PoolKind.used(pool)).isEqualTo(chain.blocks() + taken.size());
      chain.verify();
    }
    taken.forEach(MemoryBlock::close);
    assertThat(PoolKind.used(pool)).isZero();
  }

  private static byte[] coming(Moment moment) {
    return Arrays.copyOfRange(Seed.bytes(200), moment.size(), moment.size() + moment.coming());
  }

  @ParameterizedTest
  @EnumSource
  void appendIsAllOrNothing(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          if (moment.fits()) {
            moment.chain().append(coming(moment));
            return moment.size() + moment.coming();
          }
          assertThatThrownBy(() -> moment.chain().append(coming(moment)))
              .isInstanceOf(PoolExhaustedException.class)
              .hasMessageStartingWith("pool 'p' is exhausted: asked 16 B");
          return moment.size();
        });
  }

  @ParameterizedTest
  @EnumSource
  void tryAppendIsAllOrNothing(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          byte[] bytes = coming(moment);
          assertThat(moment.chain().tryAppend(bytes, 0, bytes.length)).isEqualTo(moment.fits());
          return moment.size() + (moment.fits() ? moment.coming() : 0);
        });
  }

  @ParameterizedTest
  @EnumSource
  void appendSomeTakesWhatThereIs(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          ByteBuffer source = ByteBuffer.wrap(coming(moment));
          assertThat(moment.chain().appendSome(source)).isEqualTo(moment.most());
          assertThat(source.position()).isEqualTo(moment.most());
          return moment.size() + moment.most();
        });
  }

  @ParameterizedTest
  @EnumSource
  void readFromTakesWhatThereIs(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          TestChannel channel = TestChannel.giving(coming(moment), 1000, true);
          if (moment.most() == 0) {
            assertThatThrownBy(() -> moment.chain().readFrom(channel, 1000))
                .isInstanceOf(PoolExhaustedException.class);
            assertThat(channel.calls()).isZero();
          } else {
            assertThat(moment.chain().readFrom(channel, 1000)).isEqualTo(moment.most());
          }
          return moment.size() + moment.most();
        });
  }

  @ParameterizedTest
  @EnumSource
  void streamsSayWhy(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          try (OutputStream stream = moment.chain().outputStream()) {
            if (moment.fits()) {
              stream.write(coming(moment));
              return moment.size() + moment.coming();
            }
            assertThatThrownBy(() -> stream.write(coming(moment)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("pool 'p' is exhausted: asked 16 B")
                .hasCauseInstanceOf(PoolExhaustedException.class);
            return moment.size();
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aChannelWritesWhatItCanAndThenSaysWhy(PoolKind kind) throws Exception {
    atEveryMoment(
        kind,
        moment -> {
          ByteBuffer source = ByteBuffer.wrap(coming(moment));
          if (moment.most() > 0) {
            assertThat(moment.chain().channel().write(source)).isEqualTo(moment.most());
          }
          if (source.hasRemaining()) {
            assertThatThrownBy(() -> moment.chain().channel().write(source))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(PoolExhaustedException.class);
          } else {
            assertThatCode(() -> moment.chain().channel().write(source)).doesNotThrowAnyException();
          }
          return moment.size() + moment.most();
        });
  }
}
