package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.user.Callers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who allocated: stack, thread, label, size, age. Time budget: 1 second. */
@Timeout(30)
class AllocationTraceTest {
  private final MemoryPool pool = MemoryPool.builder().tier(64, 8).build();
  private final MemoryBlock block = pool.allocate(40);

  @AfterEach
  void close() {
    pool.verify().orThrow();
    pool.closeNow();
  }

  private AllocationTrace trace() {
    return Traced.trace(pool, block, "net");
  }

  @Test
  void theStackBeginsAtThePoolsCaller() {
    AllocationTrace trace = Callers.here(this::trace);
    assertThat(trace.isReadable()).isFalse();
    List<StackTraceElement> frames = trace.frames();
    assertThat(trace.isReadable()).isTrue();
    assertThat(frames.getFirst().getClassName()).isEqualTo("io.cistern.user.Callers");
    assertThat(frames.getFirst().getMethodName()).isEqualTo("here");
    assertThat(frames.getFirst().getFileName()).isEqualTo("Callers.java");
    assertThat(frames.get(1).getMethodName()).isEqualTo("theStackBeginsAtThePoolsCaller");
    assertThat(trace.frames()).isSameAs(frames);
  }

  @Test
  void aStackHas32FramesAtMost() {
    assertThat(Callers.deep(100, this::trace).frames())
        .hasSize(32)
        .allMatch(frame -> frame.getMethodName().equals("deep"));
    assertThat(Callers.deep(3, this::trace).frames()).hasSizeBetween(5, 32);
  }

  @Test
  void wherePoolsOwnFramesAreAllThereAreTheyAreShown() {
    StackTraceElement own = new StackTraceElement("io.cistern.TieredPool", "allocate", null, 1);
    StackTraceElement inner = new StackTraceElement("io.cistern.internal.Blocks", "x", null, 2);
    StackTraceElement other = new StackTraceElement("io.cistern.gateway.Main", "main", null, 3);
    StackTraceElement bare = new StackTraceElement("Main", "main", null, 4);
    assertThat(readable(own, inner)).containsExactly(own, inner);
    assertThat(readable(own, inner, other, own)).containsExactly(other, own);
    assertThat(readable(inner, bare)).containsExactly(bare);
    assertThat(readable()).isEmpty();
  }

  private static List<StackTraceElement> readable(StackTraceElement... frames) {
    return AllocationTrace.readable(frames);
  }

  @Test
  void itIsLiveUntilTheBlockIsFreedAndKnowsItsSize() {
    AllocationTrace trace = trace();
    assertThat(trace.isLive()).isTrue();
    assertThat(trace.liveSize()).isEqualTo(40);
    assertThat(block.tryResize(63)).isTrue();
    assertThat(trace.liveSize()).isEqualTo(63);
    assertThat(trace.label()).isEqualTo("net");
    assertThat(trace.weight()).isEqualTo(1);
    block.close();
    assertThat(trace.isLive()).isFalse();
    MemoryBlock next = pool.allocate(40);
    assertThat(pool.segment(next.handle()).address()).isNotZero();
    assertThat(trace.isLive()).isFalse();
    assertThat(trace.liveSize()).isEqualTo(-1);
  }

  @Test
  void itsAgeGrows() {
    AllocationTrace trace = trace();
    Threads.until("an age", () -> trace.ageMillis() >= 50);
  }

  @Test
  void threadsAreNamedAsTheyWereOrByNumber() throws Exception {
    List<String> names = new CopyOnWriteArrayList<>();
    Thread named =
        Thread.ofPlatform()
            .name("worker-1")
            .start(() -> {
              AllocationTrace trace = trace();
              Thread.currentThread().setName("another");
              names.add(trace.thread());
            });
    named.join();
    Thread virtual = Thread.ofVirtual().start(() -> names.add(trace().thread()));
    virtual.join();
    Thread bare = Thread.ofPlatform().name("").start(() -> names.add(trace().thread()));
    bare.join();
    assertThat(names)
        .containsExactly("worker-1", "virtual #" + virtual.threadId(), "#" + bare.threadId());
  }

  /**
   * A readable stack consists of names: whoever allocated can be unloaded while the block lives.
   */
  @Test
  void aReadableStackHoldsNoClassLoader() throws Exception {
    List<AllocationTrace> traces = new CopyOnWriteArrayList<>();
    WeakReference<ClassLoader> loader = allocateFromAnotherLoader(traces);
    assertThat(traces.getFirst().frames())
        .anyMatch(frame -> frame.getClassName().equals("io.cistern.user.Callers"));
    Threads.until(
        "it was unloaded",
        () -> {
          System.gc();
          return loader.refersTo(null);
        });
    assertThat(traces.getFirst().isLive()).isTrue();
  }

  private WeakReference<ClassLoader> allocateFromAnotherLoader(List<AllocationTrace> traces)
      throws Exception {
    ClassLoader loader = new Copies();
    Class<?> callers = loader.loadClass(Callers.class.getName());
    assertThat(callers).isNotEqualTo(Callers.class);
    Supplier<Boolean> call = () -> traces.add(trace());
    callers.getMethod("here", Supplier.class).invoke(null, call);
    return new WeakReference<>(loader);
  }

  /** Has a class of its own of {@link Callers}. */
  private static final class Copies extends ClassLoader {
    Copies() {
      super(Copies.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      return name.equals(Callers.class.getName()) ? copy(name) : super.loadClass(name, resolve);
    }

    private Class<?> copy(String name) {
      try (InputStream code = Callers.class.getResourceAsStream("Callers.class")) {
        byte[] bytes = Objects.requireNonNull(code).readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
  }
}
