package io.cistern.jetty;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Tells Jetty's mistakes from ours: a pool that looks at how the buffers of another one are used,
 * and counts for itself. Of one acquisition there may be as many releases as there were references,
 * one and one for each retain that returned. What is released beyond that is a mistake of whoever
 * called, whatever the pool says of it; and the pool must refuse just as many calls. Which of two
 * releases at the same moment is refused nobody can tell, so numbers are compared and not calls.
 *
 * <p>A retain has returned before the reference that it made can be released, so a program without
 * mistakes is never said to have made one, whatever its threads do.
 */
final class Witness implements ByteBufferPool {
  private static final int FRAMES = 12;

  private final ByteBufferPool pool;
  private final LongAdder acquired = new LongAdder();
  private final LongAdder freed = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Map<String, LongAdder> tooMany = new ConcurrentHashMap<>();

  Witness(ByteBufferPool pool) {
    this.pool = pool;
  }

  @Override
  public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
    RetainableByteBuffer buffer = new Watched(pool.acquire(size, direct));
    acquired.increment();
    return buffer.asMutable();
  }

  @Override
  public void clear() {
    pool.clear();
  }

  long acquired() {
    return acquired.sum();
  }

  /** Acquisitions whose last reference was not released. */
  long live() {
    return acquired.sum() - freed.sum();
  }

  /** Releases beyond the references, and retains when there is none, by where they were called. */
  Map<String, LongAdder> tooMany() {
    return tooMany;
  }

  /** How many those are. */
  long mistakes() {
    return tooMany.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Releases and retains that the pool refused. */
  long refused() {
    return refused.sum();
  }

  @Override
  public String toString() {
    return "%,d acquired, %,d live, %,d released too often, %,d refused %s"
        .formatted(acquired(), live(), mistakes(), refused(), tooMany);
  }

  private static String callers() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .skip(3)
                .limit(FRAMES)
                .map(frame ->
                    frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())
                .collect(Collectors.joining(" < ")));
  }

  private final class Watched extends RetainableByteBuffer.Pooled {
    private final AtomicInteger references = new AtomicInteger(1);
    private final AtomicInteger releases = new AtomicInteger();

    Watched(RetainableByteBuffer buffer) {
      super(Witness.this, buffer.getByteBuffer(), buffer);
    }

    @Override
    public void retain() {
      try {
        super.retain();
      } catch (IllegalStateException none) {
        mistake(releases.get() >= references.get());
        refused.increment();
        throw none;
      }
      references.incrementAndGet();
    }

    @Override
    public boolean release() {
      mistake(releases.incrementAndGet() > references.get());
      try {
        boolean last = super.release();
        if (last) {
          freed.increment();
        }
        return last;
      } catch (IllegalStateException none) {
        refused.increment();
        throw none;
      }
    }

    private void mistake(boolean isOne) {
      if (isOne) {
        tooMany.computeIfAbsent(callers(), place -> new LongAdder()).increment();
      }
    }
  }
}
