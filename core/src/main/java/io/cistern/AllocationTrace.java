package io.cistern;

import io.cistern.internal.Blocks;
import io.cistern.internal.CoarseClock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who allocated one block: stack, thread, label, tick and size, noted at the allocation, and
 * whether that allocation is still live, asked of its source whenever somebody wants to know. A
 * free does not know of it.
 *
 * <p><b>The stack</b> is taken as a throwable takes it, unreadable: 0.6 &micro;s at 10 frames, 2 at
 * 40, 7 at 200, where a {@link StackWalker} that stops after 32 takes 4 to 7 whatever the depth,
 * and readable frames take five times as much (measured on one core of a shared machine). {@link
 * #frames()} makes it readable, once.
 *
 * <p><b>What it holds on to.</b> No thread: its name and number. An unreadable stack refers to the
 * classes in it, and so to their class loaders; a readable one consists of names. {@link Suspects}
 * makes readable what is live for a second, and forgets what is not live.
 */
final class AllocationTrace {
  /** Most frames of a readable stack. */
  static final int MOST_FRAMES = 32;

  /** Packages of what stands between a pool and who wants memory. */
  private static final Set<String> OWN =
      Set.of("io.cistern", "io.cistern.internal", "io.cistern.io", "java.lang.foreign");

  private final BlockSource source;
  private final int index;
  private final long word;
  private final int tick;
  private final String label;
  private final String threadName;
  private final long threadId;
  private final boolean virtual;
  private final SampleBudget.@Nullable Span span;

  /** A {@link Capture}, or once it is readable a list of {@link StackTraceElement}. */
  private volatile Object stack = new Capture();

  /** The stack at its construction, and nothing else of a throwable. */
  private static final class Capture extends Throwable {
    private static final long serialVersionUID = 1;

    Capture() {
      super(null, null, false, true);
    }
  }

  /**
   * Notes the calling thread and its stack.
   *
   * @param word of the allocation, as its owner knows it
   * @param label "" if none
   * @param span in which it was sampled; null where every allocation is traced
   */
  AllocationTrace(
      BlockSource source, int index, long word, String label, SampleBudget.@Nullable Span span) {
    Thread self = Thread.currentThread();
    this.source = source;
    this.index = index;
    this.word = word;
    this.label = label;
    this.span = span;
    this.tick = CoarseClock.ticks();
    this.threadName = self.getName();
    this.threadId = self.threadId();
    this.virtual = self.isVirtual();
  }

  /** Whether it is of the allocation that a word of a block names. */
  boolean isOf(BlockSource itsSource, int itsIndex, long itsWord) {
    return index == itsIndex && source.equals(itsSource) && Blocks.isSame(word, itsWord);
  }

  boolean isLive() {
    return liveSize() >= 0;
  }

  /** Bytes that the allocation has now; -1 when it is not live. */
  int liveSize() {
    return source.liveSize(index, word);
  }

  long ageMillis() {
    return CoarseClock.millisSince(tick);
  }

  String label() {
    return label;
  }

  /** The thread's name when it allocated; its number where it had none, as virtual threads. */
  String thread() {
    return !threadName.isEmpty() ? threadName : (virtual ? "virtual #" : "#") + threadId;
  }

  /** How many allocations this one stands for: 1 where every allocation is traced. */
  double weight() {
    return span == null ? 1 : span.weight();
  }

  /** What listeners are told of it; the stack stays as it is until one of them asks. */
  PoolListener.Sampled sampled(String pool, long grantedBytes) {
    return new PoolListener.Sampled(
        pool, Math.max(0, liveSize()), grantedBytes, label, thread(), weight(), this::frames);
  }

  boolean isReadable() {
    return stack instanceof List;
  }

  /** The stack from the caller of the pool on, at most {@link #MOST_FRAMES} frames. */
  @SuppressWarnings("unchecked") // by the field's convention
  List<StackTraceElement> frames() {
    Object now = stack;
    if (now instanceof Capture capture) {
      now = readable(capture.getStackTrace());
      stack = now;
    }
    return (List<StackTraceElement>) now;
  }

  /** Replaces a readable stack by an equal one, so that traces of one site share it. */
  void share(List<StackTraceElement> equal) {
    stack = equal;
  }

  /** Without the frames of the pool itself; with them where there are no others. */
  static List<StackTraceElement> readable(StackTraceElement[] all) {
    int first = 0;
    while (first < all.length && isOwn(all[first])) {
      first++;
    }
    first = first == all.length ? 0 : first;
    return List.of(
        Arrays.copyOfRange(all, first, first + Math.min(MOST_FRAMES, all.length - first)));
  }

  private static boolean isOwn(StackTraceElement frame) {
    String type = frame.getClassName();
    return OWN.contains(type.substring(0, Math.max(0, type.lastIndexOf('.'))));
  }
}
