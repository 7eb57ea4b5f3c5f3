package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a chain puts on the Java heap, as its Javadoc says. Budget: 10 s. */
class ChainGarbageTest {
  private static final int ROUNDS = 2_000;
  private static final int BLOCK = 104;
  private static final int VIEW = 450;
  private static final int WRAPPED = 80;

  private final MemoryPool pool = MemoryPool.builder().name("p").tier(256, 64).build();
  private final byte[] bytes = new byte[1024];
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
  private final MemorySegment segment = MemorySegment.ofArray(bytes);

  @AfterEach
  void allIsFree() {
    PoolKind.close(pool);
  }

  private interface Round {
    void run() throws IOException;
  }

  private static double perRound(double limit, Round round) {
    return AllocatedBytes.perRepetition(
        ROUNDS,
        limit,
        () -> {
          try {
            for (int i = 0; i < ROUNDS; i++) {
              round.run();
            }
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }

  private void atMost(double limit, String what, Round round) {
    double least = perRound(limit, round);
    System.out.println("ChainGarbageTest " + what + ": " + least + " B, at most " + limit);
    assertThat(least).as(what).isLessThanOrEqualTo(limit);
  }

  @Test
  void aCallCostsItsBlocksAndNothingForABytes() throws Exception {
    try (BlockChain chain = BlockChain.open(pool, 256, 4096)) {
      atMost(
          4 * BLOCK,
          "1024 B in four blocks, by segment",
          () -> {
            chain.append(segment);
            chain.read(segment);
          });
      atMost(
          (4 * BLOCK) + (2 * WRAPPED),
          "1024 B in four blocks, by array",
          () -> {
            chain.append(bytes, 0, 1024);
            chain.read(bytes, 0, 1024);
          });
      atMost(
          (4 * BLOCK) + (2 * WRAPPED),
          "1024 B in four blocks, by buffer",
          () -> {
            chain.append(buffer.clear());
            chain.read(buffer.clear());
          });
      OutputStream out = chain.outputStream();
      InputStream in = chain.inputStream();
      atMost(
          8 * BLOCK,
          "1024 B in four blocks, byte by byte",
          () -> {
            for (int i = 0; i < 1024; i++) {
              out.write(i);
            }
            while (in.read() >= 0) {
              Thread.onSpinWait();
            }
          });
    }
  }

  @Test
  void aChannelGetsAViewOfEachBlock() {
    TestChannel channel = TestChannel.taking(0, 1, true);
    try (BlockChain chain = BlockChain.open(pool, 256, 4096)) {
      chain.append(bytes);
      atMost((4 * VIEW) + 64, "a gathering write of four blocks", () -> chain.writeTo(channel));
    }
  }

  @Test
  void aPipeCostsItsBlocksAndItsCalls() throws Exception {
    try (BlockPipe pipe = BlockPipe.open(pool, 256, 1024)) {
      OutputStream out = pipe.outputStream(Duration.ZERO);
      InputStream in = pipe.inputStream(Duration.ZERO);
      atMost(
          (3 * BLOCK) + (2 * 120),
          "1024 B through a pipe",
          () -> {
            out.write(bytes);
            in.read(bytes, 0, 1024);
          });
    }
  }
}
