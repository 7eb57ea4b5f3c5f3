package io.cistern.netty;

import io.netty.buffer.AbstractReferenceCountedByteBuf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer whose memory is a {@link MemorySegment}: reading, writing and I/O. Whose memory
 * it is, and how it becomes more, is left to those who extend it.
 *
 * <pre>
 * bytes and numbers        on the segment
 * arrays, other buffers    copied from segment to segment
 * channels                 through {@link #view}, a ByteBuffer made when the first is needed
 * nioBuffer                a new ByteBuffer each time, as its contract asks
 * </pre>
 *
 * <p>So a buffer that no channel sees is two small objects. What is refused, and by which
 * exception, is as in Netty's own direct buffers.
 */
abstract class SegmentByteBuf extends AbstractReferenceCountedByteBuf {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int COPIED_AT_ONCE = 8192;

  private final ByteBufAllocator alloc;
  private MemorySegment segment;
  private int capacity;

  /** All of the segment; its position and limit are whatever was last needed. */
  private @Nullable ByteBuffer view;

  SegmentByteBuf(ByteBufAllocator alloc, MemorySegment segment, int max) {
    super(max);
    this.alloc = alloc;
    this.segment = segment;
    this.capacity = (int) segment.byteSize();
  }

  /** The memory from now on; nothing is copied. */
  final void use(MemorySegment other) {
    segment = other;
    capacity = (int) other.byteSize();
    view = null;
  }

  final MemorySegment segment() {
    return segment;
  }

  private ByteBuffer view() {
    ByteBuffer made = view;
    if (made == null) {
      made = segment.asByteBuffer();
      view = made;
    }
    return made;
  }

  // --- bytes and numbers; the caller has checked the index ---------------------------------------

  @Override
  protected byte _getByte(int index) {
    return segment.get(BYTE, index);
  }

  @Override
  protected short _getShort(int index) {
    return segment.get(SHORT, index);
  }

  @Override
  protected short _getShortLE(int index) {
    return Short.reverseBytes(_getShort(index));
  }

  @Override
  protected int _getUnsignedMedium(int index) {
    return ((_getByte(index) & 0xff) << 16) | (_getShort(index + 1) & 0xffff);
  }

  @Override
  protected int _getUnsignedMediumLE(int index) {
    return (_getByte(index) & 0xff) | ((_getShortLE(index + 1) & 0xffff) << 8);
  }

  @Override
  protected int _getInt(int index) {
    return segment.get(INT, index);
  }

  @Override
  protected int _getIntLE(int index) {
    return Integer.reverseBytes(_getInt(index));
  }

  @Override
  protected long _getLong(int index) {
    return segment.get(LONG, index);
  }

  @Override
  protected long _getLongLE(int index) {
    return Long.reverseBytes(_getLong(index));
  }

  @Override
  protected void _setByte(int index, int value) {
    segment.set(BYTE, index, (byte) value);
  }

  @Override
  protected void _setShort(int index, int value) {
    segment.set(SHORT, index, (short) value);
  }

  @Override
  protected void _setShortLE(int index, int value) {
    _setShort(index, Short.reverseBytes((short) value));
  }

  @Override
  protected void _setMedium(int index, int value) {
    _setByte(index, value >>> 16);
    _setShort(index + 1, value);
  }

  @Override
  protected void _setMediumLE(int index, int value) {
    _setByte(index, value);
    _setShortLE(index + 1, value >>> 8);
  }

  @Override
  protected void _setInt(int index, int value) {
    segment.set(INT, index, value);
  }

  @Override
  protected void _setIntLE(int index, int value) {
    _setInt(index, Integer.reverseBytes(value));
  }

  @Override
  protected void _setLong(int index, long value) {
    segment.set(LONG, index, value);
  }

  @Override
  protected void _setLongLE(int index, long value) {
    _setLong(index, Long.reverseBytes(value));
  }

  // --- arrays and other buffers ------------------------------------------------------------------

  @Override
  public ByteBuf getBytes(int index, ByteBuf dst, int dstIndex, int length) {
    checkDstIndex(index, length, dstIndex, dst.capacity());
    if (dst instanceof SegmentByteBuf other) {
      other.ensureAccessible();
      MemorySegment.copy(segment, index, other.segment, dstIndex, length);
    } else if (dst.hasArray()) {
      getBytes(index, dst.array(), dst.arrayOffset() + dstIndex, length);
    } else {
      dst.setBytes(dstIndex, this, index, length);
    }
    return this;
  }

  @Override
  public ByteBuf getBytes(int index, byte[] dst, int dstIndex, int length) {
    checkDstIndex(index, length, dstIndex, dst.length);
    MemorySegment.copy(segment, BYTE, index, dst, dstIndex, length);
    return this;
  }

  @Override
  public ByteBuf getBytes(int index, ByteBuffer dst) {
    checkIndex(index, dst.remaining());
    dst.put(slice0(index, dst.remaining()));
    return this;
  }

  @Override
  public ByteBuf setBytes(int index, ByteBuf src, int srcIndex, int length) {
    checkSrcIndex(index, length, srcIndex, src.capacity());
    if (src instanceof SegmentByteBuf other) {
      other.ensureAccessible();
      MemorySegment.copy(other.segment, srcIndex, segment, index, length);
    } else if (src.hasArray()) {
      setBytes(index, src.array(), src.arrayOffset() + srcIndex, length);
    } else if (src.nioBufferCount() > 0) {
      int at = index;
      for (ByteBuffer part : src.nioBuffers(srcIndex, length)) {
        int bytes = part.remaining();
        setBytes(at, part);
        at += bytes;
      }
    } else {
      src.getBytes(srcIndex, this, index, length);
    }
    return this;
  }

  @Override
  public ByteBuf setBytes(int index, byte[] src, int srcIndex, int length) {
    checkSrcIndex(index, length, srcIndex, src.length);
    MemorySegment.copy(src, srcIndex, segment, BYTE, index, length);
    return this;
  }

  @Override
  public ByteBuf setBytes(int index, ByteBuffer src) {
    checkIndex(index, src.remaining());
    slice0(index, src.remaining()).put(src);
    return this;
  }

  @Override
  public ByteBuf copy(int index, int length) {
    checkIndex(index, length);
    return alloc.directBuffer(length, maxCapacity()).writeBytes(this, index, length);
  }

  // --- streams and channels ----------------------------------------------------------------------

  @Override
  public ByteBuf getBytes(int index, OutputStream out, int length) throws IOException {
    checkIndex(index, length);
    byte[] bytes = new byte[Math.min(length, COPIED_AT_ONCE)];
    for (int done = 0; done < length; ) {
      int more = Math.min(bytes.length, length - done);
      MemorySegment.copy(segment, BYTE, index + done, bytes, 0, more);
      out.write(bytes, 0, more);
      done += more;
    }
    return this;
  }

  @Override
  public int getBytes(int index, GatheringByteChannel out, int length) throws IOException {
    checkIndex(index, length);
    return length == 0 ? 0 : out.write(slice0(index, length));
  }

  @Override
  public int getBytes(int index, FileChannel out, long position, int length) throws IOException {
    checkIndex(index, length);
    return length == 0 ? 0 : out.write(slice0(index, length), position);
  }

  @Override
  public int setBytes(int index, InputStream in, int length) throws IOException {
    checkIndex(index, length);
    byte[] bytes = new byte[length];
    int read = in.read(bytes, 0, length);
    if (read > 0) {
      MemorySegment.copy(bytes, 0, segment, BYTE, index, read);
    }
    return read;
  }

  @Override
  public int setBytes(int index, ScatteringByteChannel in, int length) throws IOException {
    try {
      return in.read(internalNioBuffer(index, length));
    } catch (ClosedChannelException closed) {
      return -1;
    }
  }

  @Override
  public int setBytes(int index, FileChannel in, long position, int length) throws IOException {
    try {
      return in.read(internalNioBuffer(index, length), position);
    } catch (ClosedChannelException closed) {
      return -1;
    }
  }

  // --- the JDK's buffers -------------------------------------------------------------------------

  @Override
  public int nioBufferCount() {
    return 1;
  }

  @Override
  public ByteBuffer nioBuffer(int index, int length) {
    checkIndex(index, length);
    return slice0(index, length);
  }

  private ByteBuffer slice0(int index, int length) {
    return segment.asSlice(index, length).asByteBuffer();
  }

  @Override
  public ByteBuffer internalNioBuffer(int index, int length) {
    checkIndex(index, length);
    return view().clear().position(index).limit(index + length);
  }

  @Override
  public ByteBuffer[] nioBuffers(int index, int length) {
    return new ByteBuffer[] {nioBuffer(index, length)};
  }

  @Override
  public boolean hasMemoryAddress() {
    return true;
  }

  @Override
  public long memoryAddress() {
    ensureAccessible();
    return segment.address();
  }

  // --- what it is --------------------------------------------------------------------------------

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public ByteBufAllocator alloc() {
    return alloc;
  }

  @Override
  @SuppressWarnings("deprecation")
  public ByteOrder order() {
    return ByteOrder.BIG_ENDIAN;
  }

  @Override
  public @Nullable ByteBuf unwrap() {
    return null;
  }

  @Override
  public boolean isDirect() {
    return true;
  }

  @Override
  public boolean isContiguous() {
    return true;
  }

  @Override
  public boolean hasArray() {
    return false;
  }

  @Override
  public byte[] array() {
    throw new UnsupportedOperationException("direct buffer");
  }

  @Override
  public int arrayOffset() {
    throw new UnsupportedOperationException("direct buffer");
  }
}
