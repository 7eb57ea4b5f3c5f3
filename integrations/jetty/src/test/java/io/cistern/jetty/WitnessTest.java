package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

/** The witness tells a mistake of who uses a pool from one of the pool. */
class WitnessTest {
  @Test
  void aReleaseTooManyIsWhoeverCallsMistake() {
    try (CisternByteBufferPool pool = new CisternByteBufferPool()) {
      Witness witness = new Witness(pool);
      RetainableByteBuffer buffer = witness.acquire(100, true);
      buffer.retain();
      assertThat(buffer.release()).isFalse();
      assertThat(witness.live()).isOne();
      assertThat(buffer.release()).isTrue();
      assertThat(witness.live() + witness.mistakes() + witness.refused()).isZero();
      assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
      assertThat(witness.mistakes()).isEqualTo(2);
      assertThat(witness.refused()).isEqualTo(pool.getRefusedCount()).isEqualTo(2);
      assertThat(witness.tooMany().keySet()).allMatch(callers -> callers.contains("WitnessTest"));
    }
  }

  @Test
  void aPoolThatRefusesTooMuchOrTooLittleIsSeen() {
    Witness witness = new Witness(new Moody());
    RetainableByteBuffer refused = witness.acquire(100, true);
    assertThatThrownBy(refused::release).isInstanceOf(IllegalStateException.class);
    assertThat(witness.refused()).isOne();
    assertThat(witness.mistakes()).isZero();
    refused.release();
    assertThat(witness.mistakes()).isOne();
    refused.release();
    assertThat(witness.mistakes()).isEqualTo(2);
    assertThat(witness.refused()).isOne();
  }

  /** Refuses the first release, and no other. */
  private static final class Moody implements ByteBufferPool, Retainable {
    private boolean refused;

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
      return new RetainableByteBuffer.FixedCapacity(ByteBuffer.allocate(size), this);
    }

    @Override
    public boolean release() {
      if (!refused) {
        refused = true;
        throw new IllegalStateException("not today");
      }
      return true;
    }

    @Override
    public void clear() {}
  }
}
