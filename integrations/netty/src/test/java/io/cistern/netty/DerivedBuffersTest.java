package io.cistern.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cistern.MemoryPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slices, duplicates, composites and NIO views share the block, and free it once. */
final class DerivedBuffersTest {
  private final MemoryPool pool = MemoryPool.builder().tier(256, 8).tier(1024, 8).build();
  private final CisternByteBufAllocator allocator = new CisternByteBufAllocator(pool);

  @AfterEach
  void leavesNothingLive() {
    assertThat(pool.stats().used()).as(pool::dump).isZero();
    pool.verify().orThrow();
    pool.close();
  }

  private ByteBuf text() {
    return allocator.directBuffer(20, 1000).writeBytes("hello, wide world".getBytes(US_ASCII));
  }

  @Test
  void theyBelongToTheSameAllocator() {
    ByteBuf buffer = text();
    List<ByteBuf> derived = new ArrayList<>();
    derived.add(buffer.slice());
    derived.add(buffer.slice(1, 3));
    derived.add(buffer.duplicate());
    derived.add(buffer.asReadOnly());
    derived.add(buffer.retainedSlice());
    derived.add(buffer.retainedDuplicate());
    derived.add(buffer.readRetainedSlice(2));
    assertThat(derived).allMatch(each -> each.alloc().equals(allocator) && each.isDirect());
    assertThat(buffer.refCnt()).isEqualTo(4);
    assertThat(pool.stats().used()).isEqualTo(1);
    buffer.release(4);
    assertThat(derived).allMatch(each -> each.refCnt() == 0);
  }

  @Test
  void theLastOfThemFreesTheBlock() {
    ByteBuf buffer = text();
    ByteBuf slice = buffer.retainedSlice(7, 4);
    ByteBuf duplicate = slice.retainedDuplicate();
    assertThat(buffer.release()).isFalse();
    assertThat(slice.release()).isFalse();
    assertThat(duplicate.toString(US_ASCII)).isEqualTo("wide");
    assertThat(pool.stats().used()).isEqualTo(1);
    assertThat(duplicate.release()).isTrue();
  }

  @Test
  void slicesSeeWhatIsWrittenAndKeepTheirBounds() {
    ByteBuf buffer = text();
    ByteBuf slice = buffer.slice(7, 4);
    buffer.setByte(7, 'W');
    slice.setByte(3, 'E');
    assertThat(buffer.toString(US_ASCII)).isEqualTo("hello, WidE world");
    assertThat(catchThrowable(() -> slice.getByte(4)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(catchThrowable(() -> slice.capacity(10)))
        .isInstanceOf(UnsupportedOperationException.class);
    buffer.release();
  }

  @Test
  void duplicatesFollowTheirBufferToAnotherBlock() {
    ByteBuf buffer = text();
    ByteBuf duplicate = buffer.duplicate();
    buffer.capacity(900).setByte(0, 'H');
    assertThat(duplicate.toString(US_ASCII)).isEqualTo("Hello, wide world");
    assertThat(duplicate.capacity()).isEqualTo(900);
    buffer.release();
  }

  @Test
  void copiesHaveABlockOfTheirOwn() {
    ByteBuf buffer = text();
    ByteBuf copy = buffer.copy(7, 4);
    buffer.setZero(0, 17);
    assertThat(copy.toString(US_ASCII)).isEqualTo("wide");
    assertThat(copy.isDirect()).isTrue();
    assertThat(pool.stats().used()).isEqualTo(2);
    buffer.release();
    copy.release();
  }

  @Test
  void compositesFreeTheirComponents() {
    CompositeByteBuf whole = allocator.compositeBuffer();
    whole.addComponent(true, text()).addComponent(true, text());
    whole.addComponent(true, allocator.heapBuffer(1).writeByte('!'));
    assertThat(whole.toString(US_ASCII)).isEqualTo("hello, wide worldhello, wide world!");
    assertThat(whole.alloc()).isSameAs(allocator);
    assertThat(whole.nioBufferCount()).isEqualTo(3);
    whole.consolidate();
    assertThat(whole.toString(US_ASCII)).endsWith("worldhello, wide world!");
    whole.capacity(500).writeZero(400);
    assertThat(whole.release()).isTrue();
  }

  @Test
  void nioBuffersAreViewsOfTheirOwn() {
    ByteBuf buffer = text();
    ByteBuffer view = buffer.nioBuffer(7, 4);
    view.put(0, (byte) 'W').position(3);
    assertThat(buffer.getByte(7)).isEqualTo((byte) 'W');
    assertThat(view.isDirect()).isTrue();
    assertThat(view.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(view.capacity()).isEqualTo(4);
    assertThat(buffer.nioBuffers()).hasSize(1);
    assertThat(buffer.internalNioBuffer(0, 5).remaining()).isEqualTo(5);
    assertThat(buffer.readableBytes()).isEqualTo(17);
    ReferenceCountUtil.release(buffer);
  }
}
