package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The JDK's own interfaces over a chain, used by the JDK's own classes. Budget: 5 s. */
class ChainStreamsTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(16, 400).build();
  private final BlockChain chain = BlockChain.open(pool, 16, 6_000);

  @AfterEach
  void allIsFree() {
    chain.close();
    PoolKind.close(pool);
  }

  @Test
  void dataGoesThroughStreams() throws Exception {
    try (DataOutputStream out = new DataOutputStream(chain.outputStream())) {
      for (int i = 0; i < 100; i++) {
        out.writeByte(i);
        out.writeLong(i * 1_000_000_007L);
        out.writeUTF("reading " + i);
      }
    }
    int most = pool.stats().used();
    try (DataInputStream in = new DataInputStream(chain.inputStream())) {
      for (int i = 0; i < 100; i++) {
        assertThat(in.available()).isEqualTo((int) chain.size());
        assertThat(in.readByte()).isEqualTo((byte) i);
        assertThat(in.readLong()).isEqualTo(i * 1_000_000_007L);
        assertThat(in.readUTF()).isEqualTo("reading " + i);
        assertThat(pool.stats().used()).isLessThanOrEqualTo(most - (i * 19 / 16) + 1);
      }
      assertThat(in.read()).isEqualTo(-1);
    }
    assertThat(pool.stats().used()).isZero();
  }

  @Test
  void compressedTextComesBack() throws Exception {
    String text = "pressure level NORMAL, ".repeat(500);
    try (OutputStream out = new GZIPOutputStream(chain.outputStream())) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    try (InputStream in = new GZIPInputStream(chain.inputStream())) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(text);
    }
    assertThat(chain.size()).isZero();
  }

  @Test
  void anInputStreamSaysItsEndAndGoesOnWhenMoreComes() throws Exception {
    try (InputStream in = chain.inputStream()) {
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[3])).isEqualTo(-1);
      assertThat(in.read(new byte[0])).isZero();
      chain.append(Seed.bytes(40));
      assertThat(in.skip(5)).isEqualTo(5);
      assertThat(in.skip(-5)).isZero();
      assertThat(in.read()).isEqualTo(5);
      assertThat(in.readNBytes(30)).hasSize(30).startsWith(6, 7).endsWith(35);
      assertThat(in.skip(100)).isEqualTo(4);
    }
  }

  @Test
  void aClosedStreamLeavesTheChain() throws Exception {
    OutputStream out = chain.outputStream();
    out.write(7);
    out.close();
    out.close();
    assertThatThrownBy(() -> out.write(8))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the stream that appends to BlockChain[chain over pool 'p', up to 6000 B in blocks of"
                + " 16 B] is closed");
    InputStream in = chain.inputStream();
    in.close();
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("is closed");
    assertThat(chain.read()).isEqualTo(7);
  }

  @Test
  void aClosedChainEndsItsStreamsAndChannels() {
    OutputStream out = chain.outputStream();
    InputStream in = chain.inputStream();
    ByteChannel channel = chain.channel();
    assertThat(channel.isOpen()).isTrue();
    chain.close();
    assertThatThrownBy(() -> out.write(8))
        .isInstanceOf(IOException.class)
        .hasMessage("chain over pool 'p' is closed");
    assertThatThrownBy(() -> in.read(new byte[3])).isInstanceOf(IOException.class);
    assertThatThrownBy(in::available).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void wrongBoundsAreTheCallersFault() {
    assertThatThrownBy(() -> chain.outputStream().write(new byte[2], 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chain.inputStream().read(new byte[2], 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aChannelCarriesWhatTheJdkWritesToIt() throws Exception {
    try (ByteChannel channel = chain.channel()) {
      Channels.newOutputStream(channel).write(Seed.bytes(1_000));
      assertThat(Channels.newInputStream(channel).readAllBytes()).isEqualTo(Seed.bytes(1_000));
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
      assertThat(channel.write(ByteBuffer.allocate(0))).isZero();
    }
    ByteChannel closed = chain.channel();
    closed.close();
    assertThatThrownBy(() -> closed.read(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(chain.isClosed()).isFalse();
  }

  @Test
  void aFullChainRefusesAWholeWriteOfAStreamAndPartOfAChannels() throws Exception {
    chain.append(new byte[5_990]);
    assertThatThrownBy(() -> chain.outputStream().write(new byte[11]))
        .isInstanceOf(IOException.class)
        .hasMessage("chain over pool 'p' is full: asked 11 B, holds 5990 B, limit 6000 B")
        .hasCauseInstanceOf(ChainFullException.class);
    assertThat(chain.size()).isEqualTo(5_990);
    ByteBuffer eleven = ByteBuffer.allocate(11);
    assertThat(chain.channel().write(eleven)).isEqualTo(10);
    assertThatThrownBy(() -> chain.channel().write(eleven))
        .isInstanceOf(IOException.class)
        .hasMessage("chain over pool 'p' is full: asked 1 B, holds 6000 B, limit 6000 B");
    assertThat(eleven.remaining()).isOne();
  }
}
