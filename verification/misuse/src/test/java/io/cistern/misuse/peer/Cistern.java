package io.cistern.misuse.peer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.Damage;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A pool, for comparison. */
final class Cistern implements Peer {
  private static final int BLOCKS = 4096;

  private final AtomicBoolean reported = new AtomicBoolean();
  private final MemoryPool pool;

  /** Without quarantine, so that memory is handed out again at once. */
  Cistern(CheckLevel level) {
    pool =
        MemoryPool.builder()
            .tier(256, BLOCKS)
            .checks(CheckSettings.of(level).withQuarantine(0))
            .listener(new Ear())
            .build();
  }

  /** Hears what the pool throws at nobody. */
  private final class Ear implements PoolListener {
    @Override
    public void onDamage(Damage damage) {
      reported.set(true);
    }

    @Override
    public void onLost(Lost lost) {
      reported.set(true);
    }
  }

  @Override
  public Optional<String> report() {
    return reported.get() ? Optional.of("to its listener") : Optional.empty();
  }

  @Override
  public Buffer allocate(int size) {
    return new Block(pool.allocate(size));
  }

  @Override
  @SuppressWarnings("restricted") // the suite runs with native access
  public void freeAddress(long address) {
    pool.free(MemorySegment.ofAddress(address));
  }

  @Override
  public void close() {
    pool.close();
  }

  private record Block(MemoryBlock block) implements Buffer {
    @Override
    public void write(int at, byte value) {
      block.segment().set(JAVA_BYTE, at, value);
    }

    @Override
    public byte read(int at) {
      return block.segment().get(JAVA_BYTE, at);
    }

    @Override
    public ByteBuffer nio() {
      return block.byteBuffer();
    }

    @Override
    public Buffer slice(int at, int size) {
      return new Slice(block.segment().asSlice(at, size));
    }

    @Override
    public long address() {
      return block.segment().address();
    }

    @Override
    public void free() {
      block.close();
    }
  }

  /** Is not freed: its block is. */
  private record Slice(MemorySegment segment) implements Buffer {
    @Override
    public void write(int at, byte value) {
      segment.set(JAVA_BYTE, at, value);
    }

    @Override
    public byte read(int at) {
      return segment.get(JAVA_BYTE, at);
    }

    @Override
    public long address() {
      return segment.address();
    }

    @Override
    public void free() {
      throw new UnsupportedOperationException();
    }
  }
}
