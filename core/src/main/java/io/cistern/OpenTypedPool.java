package io.cistern;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one {@link TypedPool}: sizes and zeroes blocks of a pool and puts views over them.
 *
 * <p>A record, because the JIT takes a record's fields for constant where the record itself is, as
 * in a {@code static final} field: then it knows the class of the pool.
 *
 * @param pool where blocks come from
 * @param view what is seen in them
 * @param maker makes views; {@code view.maker()}, one step nearer
 * @param size of the layout, in bytes
 * @param zeroes whether blocks of the pool have to be zeroed
 * @param owned whether closing this closes the pool
 */
record OpenTypedPool<T>(
    MemoryPool pool, View<T> view, ViewMaker<T> maker, long size, boolean zeroes, boolean owned)
    implements TypedPool<T> {
  private static final long USUAL_ALIGNMENT = 8;

  static <T> OpenTypedPool<T> open(View<T> view, int count) {
    MemoryPool pool =
        MemoryPool.builder()
            .name(view.type().getSimpleName())
            .tier(view.layout().byteSize(), count, view.type().getSimpleName())
            .alignment(Math.max(USUAL_ALIGNMENT, view.layout().byteAlignment()))
            .build();
    return new OpenTypedPool<>(view, pool, true);
  }

  static <T> OpenTypedPool<T> over(View<T> view, MemoryPool pool) {
    if (view.layout().byteSize() > pool.maxSize()) {
      throw new IllegalArgumentException(
          "layout of %s takes %d B: pool '%s' serves from 1 to %d B"
              .formatted(
                  view.type().getName(), view.layout().byteSize(), pool.name(), pool.maxSize()));
    }
    long alignment = ((PoolBase) pool).alignment();
    if (view.layout().byteAlignment() > alignment) {
      throw new IllegalArgumentException(
          "layout of %s is aligned at %d B, blocks of pool '%s' at %d B: build the pool with alignment(%d)"
              .formatted(
                  view.type().getName(),
                  view.layout().byteAlignment(),
                  pool.name(),
                  alignment,
                  view.layout().byteAlignment()));
    }
    return new OpenTypedPool<>(view, pool, false);
  }

  private OpenTypedPool(View<T> view, MemoryPool pool, boolean owned) {
    this(pool, view, view.maker(), view.layout().byteSize(), !((PoolBase) pool).isZeroed(), owned);
  }

  private long alignment() {
    return view.layout().byteAlignment();
  }

  @Override
  public Class<T> type() {
    return view.type();
  }

  @Override
  public GroupLayout layout() {
    return view.layout();
  }

  @Override
  public TypedBlock<T> allocate() {
    return fresh(pool.allocate(size));
  }

  @Override
  public @Nullable TypedBlock<T> tryAllocate() {
    MemoryBlock block = pool.tryAllocate(size);
    return block == null ? null : fresh(block);
  }

  @Override
  public TypedBlock<T> allocate(Duration timeout) throws InterruptedException {
    return fresh(pool.allocate(size, timeout));
  }

  private TypedBlock<T> fresh(MemoryBlock block) {
    if (zeroes) {
      block.zero();
    }
    return new TypedBlock<>(block, maker);
  }

  @Override
  public T view(MemorySegment segment) {
    if (segment.byteSize() < size
        || segment.maxByteAlignment() < alignment()
        || segment.isReadOnly()) {
      throw new IllegalArgumentException(
          "segment of %d B, aligned at %d B%s: a view of %s needs %d B, aligned at %d B, to be read and written"
              .formatted(
                  segment.byteSize(),
                  segment.maxByteAlignment(),
                  segment.isReadOnly() ? ", read-only" : "",
                  type().getName(),
                  size,
                  alignment()));
    }
    return maker.make(segment);
  }

  @Override
  public String name() {
    return pool.name();
  }

  @Override
  public PoolStats stats() {
    return pool.stats();
  }

  @Override
  public VerifyReport verify() {
    return pool.verify();
  }

  @Override
  public void close() {
    if (owned) {
      pool.close();
    }
  }

  @Override
  public String toString() {
    return "TypedPool[%s, %d B, in pool '%s']".formatted(type().getName(), size, name());
  }
}
