package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.gateway.Assembly.Verdict;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The states of an incoming frame, one by one. Time budget: 1 s. */
class AssemblyTest {
  private static final byte BINARY = 2;

  private final MemoryPool pool = MemoryPool.builder().tier(64, 1).tier(16, 1).build();
  private final Assembly assembly =
      new Assembly(
          new FrameBlocks(pool, new Profile.Frames("pool", OptionalLong.empty(), Oversize.CLOSE)));

  @AfterEach
  void nothingIsHeld() {
    assertThat(pool.stats().used()).isZero();
    pool.verify().orThrow();
    pool.close();
  }

  private static ByteBuffer piece(int size) {
    return ByteBuffer.allocate(size);
  }

  private Verdict begin(int size, boolean last) {
    return assembly.begin(BINARY, piece(size), last, 0);
  }

  @Test
  void wholeFrameTakesTheTierThatFits() {
    assertThat(begin(10, true)).isEqualTo(Verdict.COMPLETE);
    Assembly.Complete complete = assembly.take();
    assertThat(complete.block().byteSize()).isEqualTo(10);
    assertThat(complete.payload().remaining()).isEqualTo(10);
    assertThat(complete.opCode()).isEqualTo(BINARY);
    assertThatThrownBy(assembly::take).hasMessage("no frame is complete");
    complete.block().close();
  }

  @Test
  void piecesFillTheLargestBlock() {
    assertThat(begin(10, false)).isEqualTo(Verdict.MORE);
    assertThat(assembly.append(piece(53), false)).isEqualTo(Verdict.MORE);
    assertThat(assembly.append(piece(1), true)).isEqualTo(Verdict.COMPLETE);
    Assembly.Complete complete = assembly.take();
    assertThat(complete.payload().remaining()).isEqualTo(64);
    assertThat(complete.block().byteSize()).isEqualTo(64);
    complete.block().close();
  }

  @Test
  void tooLargeOnceAndSkippedAfterwards() {
    assertThat(begin(65, false)).isEqualTo(Verdict.TOO_LARGE);
    assertThat(assembly.append(piece(1), true)).isEqualTo(Verdict.SKIPPED);
    assertThat(begin(64, false)).isEqualTo(Verdict.MORE);
    assertThat(assembly.append(piece(1), false)).isEqualTo(Verdict.TOO_LARGE);
    assertThat(pool.stats().used()).isZero();
    assertThat(assembly.append(piece(1), true)).isEqualTo(Verdict.SKIPPED);
  }

  @Test
  void exhaustedOnceAndSkippedAfterwards() {
    try (var held = pool.allocate(64)) {
      assertThat(held.byteSize()).isEqualTo(64);
      assertThat(begin(10, false)).isEqualTo(Verdict.EXHAUSTED);
      assertThat(assembly.append(piece(54), false)).isEqualTo(Verdict.SKIPPED);
      assertThat(assembly.append(piece(1), false)).isEqualTo(Verdict.EXHAUSTED_TOO_LARGE);
      assertThat(assembly.append(piece(1), true)).isEqualTo(Verdict.SKIPPED);
      assertThat(begin(20, true)).isEqualTo(Verdict.EXHAUSTED);
    }
    assertThat(pool.stats().failed()).isEqualTo(2);
  }

  @Test
  void abandonFreesOnce() {
    assertThat(assembly.abandon()).isFalse();
    begin(10, false);
    assertThat(assembly.isFillingSinceBefore(1)).isTrue();
    assertThat(assembly.isFillingSinceBefore(0)).isFalse();
    assertThat(assembly.abandon()).isTrue();
    assertThat(assembly.abandon()).isFalse();
    assertThat(assembly.isFillingSinceBefore(1)).isFalse();
  }

  @Test
  void utf8() {
    Utf8 utf8 = new Utf8();
    assertThat(
            utf8.isValid(
                ByteBuffer.wrap(
                    "é漢😀".repeat(2000).getBytes(java.nio.charset.StandardCharsets.UTF_8))))
        .isTrue();
    assertThat(utf8.isValid(piece(0))).isTrue();
    assertThat(utf8.isValid(ByteBuffer.wrap(new byte[] {(byte) 0xC3}))).isFalse();
    assertThat(utf8.isValid(ByteBuffer.wrap(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})))
        .isFalse();
    ByteBuffer text = ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}).position(1);
    assertThat(utf8.isValid(text)).isTrue();
    assertThat(text.remaining()).isEqualTo(2);
  }
}
