package io.cistern.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations, each done to a buffer of the pool and to a plain heap buffer of Netty's: they
 * must not differ in anything, whether bytes, indices, capacities or what is thrown.
 */
final class ModelTest {
  private static final int STEPS = 3000;
  private static final int MOST = 3000;

  private interface Step {
    Object run(ByteBuf buffer, Random random);
  }

  private static final Step[] STEPS_KNOWN = {
    (b, r) -> b.writeByte(r.nextInt()).writerIndex(),
    (b, r) -> b.writeShort(r.nextInt()).writerIndex(),
    (b, r) -> b.writeMedium(r.nextInt()).writerIndex(),
    (b, r) -> b.writeIntLE(r.nextInt()).writerIndex(),
    (b, r) -> b.writeLong(r.nextLong()).writerIndex(),
    (b, r) -> b.writeDouble(r.nextDouble()).writerIndex(),
    (b, r) -> b.writeBytes(bytes(r)).writerIndex(),
    (b, r) -> b.writeZero(r.nextInt(200)).writerIndex(),
    (b, r) -> b.readByte(),
    (b, r) -> b.readUnsignedMediumLE(),
    (b, r) -> b.readInt(),
    (b, r) -> b.readLongLE(),
    (b, r) -> b.skipBytes(r.nextInt(40)).readerIndex(),
    (b, r) -> b.setShortLE(r.nextInt(MOST), r.nextInt()).capacity(),
    (b, r) -> b.setLong(r.nextInt(MOST), r.nextLong()).capacity(),
    (b, r) -> b.setBytes(r.nextInt(MOST), bytes(r)).capacity(),
    (b, r) -> b.getLong(r.nextInt(MOST)),
    (b, r) -> b.getUnsignedShortLE(r.nextInt(MOST)),
    (b, r) -> ByteBufUtil.hexDump(b.slice(r.nextInt(MOST), r.nextInt(50))),
    (b, r) -> ByteBufUtil.hexDump(b.duplicate()),
    (b, r) -> b.indexOf(0, b.capacity(), (byte) r.nextInt()),
    (b, r) -> b.discardReadBytes().writerIndex(),
    (b, r) -> b.discardSomeReadBytes().maxWritableBytes(),
    (b, r) -> b.ensureWritable(r.nextInt(300)).capacity(),
    (b, r) -> b.ensureWritable(r.nextInt(MOST), r.nextBoolean()),
    (b, r) -> b.capacity(r.nextInt(MOST + 10)).writerIndex(),
    (b, r) -> b.setIndex(r.nextInt(100), r.nextInt(MOST)).readableBytes(),
    (b, r) -> b.markReaderIndex().readerIndex(),
    (b, r) -> b.resetReaderIndex().readerIndex(),
    (b, r) -> b.nioBuffer().remaining(),
    (b, r) -> b.hashCode(),
  };

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(60)];
    random.nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(
      value = CheckLevel.class,
      names = {"STANDARD", "CHECKED"})
  void doesWhatAHeapBufferDoes(CheckLevel level) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (MemoryPool pool =
        MemoryPool.builder().checks(level).tier(64, 2).tier(500, 2).tier(4096, 2).build()) {
      ByteBuf ours = new CisternByteBufAllocator(pool).directBuffer(10, MOST).setZero(0, 10);
      ByteBuf model = Unpooled.buffer(10, MOST);
      for (int i = 0; i < STEPS; i++) {
        int step = random.nextInt(STEPS_KNOWN.length);
        long arguments = random.nextLong();
        String what = "seed %d, step %d (%d)".formatted(seed, i, step);
        int known = ours.capacity();
        assertThat(outcome(step, ours, arguments))
            .as(what)
            .isEqualTo(outcome(step, model, arguments));
        zeroWhatIsNew(ours, known);
        assertThat(ours.capacity()).as(what).isEqualTo(model.capacity());
        assertThat(figures(ours)).as(what).isEqualTo(figures(model));
        assertThat(all(ours)).as(what).isEqualTo(all(model));
      }
      ours.release();
      assertThat(pool.stats().used()).isZero();
      pool.verify().orThrow();
    }
  }

  /** Memory of a pool is not zeroed, arrays are. */
  private static void zeroWhatIsNew(ByteBuf buffer, int known) {
    if (buffer.capacity() > known && buffer.writerIndex() <= known) {
      buffer.setZero(known, buffer.capacity() - known);
    } else if (buffer.capacity() > buffer.writerIndex() && buffer.capacity() > known) {
      buffer.setZero(buffer.writerIndex(), buffer.capacity() - buffer.writerIndex());
    }
  }

  private static Object outcome(int step, ByteBuf buffer, long arguments) {
    try {
      return STEPS_KNOWN[step].run(buffer, new Random(arguments));
    } catch (RuntimeException thrown) {
      return thrown.getClass();
    }
  }

  private static String figures(ByteBuf buffer) {
    String text = buffer.toString();
    return text.substring(text.indexOf('('));
  }

  private static String all(ByteBuf buffer) {
    return ByteBufUtil.hexDump(buffer, 0, buffer.capacity());
  }
}
