package io.cistern.jetty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * One acquisition: a buffer, and how many references there are to it. It is made for one owner and
 * never used for another, so that a reference kept too long finds a count of 0 for ever, whoever
 * has the memory by then. Jetty's own pool hands the same object to the next owner, whose reference
 * a late release then takes away.
 *
 * <p>The count is in the buffer itself, which saves an object an acquisition: what {@link
 * #getWrapped()} gives, and Jetty would count with, is not used.
 */
abstract class CountedBuffer extends RetainableByteBuffer.Pooled {
  private static final VarHandle REFERENCES = references(MethodHandles.lookup());

  private final CisternByteBufferPool pool;

  @SuppressWarnings("UnusedVariable") // read through the VarHandle
  private int references = 1;

  CountedBuffer(CisternByteBufferPool pool, ByteBuffer buffer) {
    super(pool, buffer, Retainable.NON_RETAINABLE);
    this.pool = pool;
  }

  private static VarHandle references(MethodHandles.Lookup lookup) {
    try {
      return lookup.findVarHandle(CountedBuffer.class, "references", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** Takes the last reference; false when the count is another one by now. */
  abstract boolean takeLast();

  /** Gives the memory back, which happens once. */
  abstract void giveBack();

  /**
   * What the memory's pool says of a buffer that was released before; null when it says nothing.
   */
  abstract @Nullable RuntimeException refusal();

  final void forgetLast() {
    references = 0;
  }

  final boolean swapLast() {
    return REFERENCES.compareAndSet(this, 1, 0);
  }

  @Override
  public final int getRetained() {
    return (int) REFERENCES.getAcquire(this);
  }

  @Override
  public final boolean canRetain() {
    return getRetained() > 0;
  }

  @Override
  public final boolean isRetained() {
    return getRetained() > 1;
  }

  @Override
  public final void retain() {
    while (true) {
      int now = getRetained();
      if (now == 0) {
        throw refused("retained after it was released: ");
      }
      if (REFERENCES.compareAndSet(this, now, Math.addExact(now, 1))) {
        return;
      }
    }
  }

  @Override
  public final boolean release() {
    while (true) {
      int now = getRetained();
      if (now == 0) {
        throw refused("already released: ");
      }
      if (now == 1 && takeLast()) {
        BufferUtil.reset(getByteBuffer());
        giveBack();
        return true;
      }
      if (now > 1 && REFERENCES.compareAndSet(this, now, now - 1)) {
        return false;
      }
    }
  }

  @Override
  public final RetainableByteBuffer copy() {
    return pool.copyOf(getByteBuffer().slice());
  }

  /** Counts a call that came after the last release; the exception to throw for it. */
  final IllegalStateException refused(String what) {
    return refused(what, refusal());
  }

  final IllegalStateException refused(String what, @Nullable RuntimeException cause) {
    pool.countRefused();
    String why = cause == null ? "" : ": " + cause.getMessage();
    return new IllegalStateException(what + this + why, cause);
  }
}
