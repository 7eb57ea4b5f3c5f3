package io.cistern;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles.Lookup;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A pool of equal objects outside of the Java heap: an interface says how they are used, the layout
 * of a struct or union where their members lie. The class between the two is written when the pool
 * is made.
 *
 * {@snippet :
 * interface Reading {
 *   float volts();
 *   void volts(float volts);
 *   int samples(int index);
 *   void samples(int index, int sample);
 * }
 *
 * StructLayout layout =
 *     MemoryLayout.structLayout(
 *         ValueLayout.JAVA_FLOAT.withName("volts"),
 *         MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_INT).withName("samples"));
 * try (TypedPool<Reading> readings = TypedPool.of(Reading.class, layout, 1000);
 *     TypedBlock<Reading> reading = readings.allocate()) {
 *   reading.value().volts(3.3f);
 * }
 * }
 *
 * <p><b>Methods.</b> Each abstract method of the interface is named as a member of the layout; the
 * member's kind says which forms it may have. P is the carrier of the value layout ({@code float}
 * for {@code JAVA_FLOAT}, {@link MemorySegment} for an address), R the interface itself, i an
 * {@code int} or {@code long}, one for each dimension:
 *
 * <table class="striped">
 * <caption>What a method may look like</caption>
 * <thead><tr><th>member</th><th>forms</th></tr></thead>
 * <tbody>
 * <tr><td>value</td><td>{@code P m()}, {@code void m(P)}, {@code R m(P)} which returns the object
 *   itself</td></tr>
 * <tr><td>sequence of values</td><td>{@code P m(i)}, {@code void m(i, P)}, {@code R m(i, P)},
 *   {@code MemorySegment m()} for all of it</td></tr>
 * <tr><td>struct, union</td><td>{@code Q m()} with an interface Q of its members, {@code
 *   MemorySegment m()}</td></tr>
 * <tr><td>sequence of those</td><td>{@code Q m(i)}, {@code MemorySegment m()}</td></tr>
 * </tbody>
 * </table>
 *
 * <p>Nothing is converted: byte order and size are the layout's, and members may lie at any offset,
 * aligned or not. Members without a method are left alone, as are default and static methods. A
 * method that fits no member is refused when the pool is made. An index out of range throws {@link
 * IndexOutOfBoundsException}. Accesses are plain ones: to share an object between threads without
 * handing it over, use {@link TypedBlock#segment()} and a {@code VarHandle} of the layout.
 *
 * <p><b>Memory.</b> A fresh object is all zero, whoever had its block before, also in a pool that
 * does not zero by itself. It takes one block, of the layout's size.
 *
 * <p><b>Access to the interface.</b> The class is defined in the interface's package, so that the
 * interface need not be public. On the class path, and where the package is open to {@code
 * io.cistern}, that needs nothing more; else pass a {@link Lookup} of the interface's module. There
 * is one class for each pair of interface and layout, for as long as it is used; neither it nor the
 * pool keeps the interface's class loader alive.
 *
 * <p><b>Cost.</b> An access takes what the same access through a constant {@code VarHandle} takes,
 * plus one look at the object's class. Allocation takes what that of a {@link MemoryBlock} takes,
 * plus a call that zeroes it. Where neither the block nor its object escapes, neither makes
 * garbage, as long as the process uses up to two kinds of typed objects: with more, the JIT no
 * longer guesses the class, and each {@link TypedBlock#value()} makes 64 B. Threads: as {@link
 * #pool()}.
 *
 * @param <T> the interface
 */
public sealed interface TypedPool<T> extends AutoCloseable permits OpenTypedPool {
  /**
   * Opens a pool of its own for so many objects. It is named after the interface, shared by all
   * threads, and closed by {@link #close()}; for other options build a {@link MemoryPool} and pass
   * it.
   *
   * @param <T> the interface
   * @param type on the class path, or in a package that is open to {@code io.cistern}
   * @param layout of one object, from 1 B to 1 GiB, aligned at 4096 at most
   * @param count of objects, at least 1
   * @return an open pool
   * @throws IllegalArgumentException when interface and layout do not fit, the interface cannot be
   *     reached, or the size or count is not valid: the message says which method, what was found
   *     and what is allowed
   */
  static <T> TypedPool<T> of(Class<T> type, GroupLayout layout, int count) {
    return OpenTypedPool.open(View.of(null, type, layout), count);
  }

  /**
   * As {@link #of(Class, GroupLayout, int)}, for an interface of a module that is not open.
   *
   * @param <T> the interface
   * @param lookup {@code MethodHandles.lookup()}, called in the interface's module
   * @param type in the lookup's module, or in a package that is open to it
   * @param layout of one object, from 1 B to 1 GiB, aligned at 4096 at most
   * @param count of objects, at least 1
   * @return an open pool
   * @throws IllegalArgumentException as {@link #of(Class, GroupLayout, int)}
   */
  static <T> TypedPool<T> of(Lookup lookup, Class<T> type, GroupLayout layout, int count) {
    return OpenTypedPool.open(View.of(lookup, type, layout), count);
  }

  /**
   * Puts objects into blocks of a pool that is there already, of any kind. That pool's options hold
   * (spill, waiting, quotas, confinement), and it has to be closed by itself.
   *
   * @param <T> the interface
   * @param type on the class path, or in a package that is open to {@code io.cistern}
   * @param layout of one object, at most as large as the pool's largest block; where it is aligned
   *     at more than 8, the pool must be built with that alignment
   * @param pool where the blocks come from
   * @return a pool that does nothing when it is closed
   * @throws IllegalArgumentException when interface and layout do not fit, the interface cannot be
   *     reached, or the layout is larger than any block, or aligned at more than the pool's blocks
   */
  static <T> TypedPool<T> of(Class<T> type, GroupLayout layout, MemoryPool pool) {
    return OpenTypedPool.over(View.of(null, type, layout), pool);
  }

  /**
   * As {@link #of(Class, GroupLayout, MemoryPool)}, for an interface of a module that is not open.
   *
   * @param <T> the interface
   * @param lookup {@code MethodHandles.lookup()}, called in the interface's module
   * @param type in the lookup's module, or in a package that is open to it
   * @param layout of one object, at most as large as the pool's largest block
   * @param pool where the blocks come from
   * @return a pool that does nothing when it is closed
   * @throws IllegalArgumentException as {@link #of(Class, GroupLayout, MemoryPool)}
   */
  static <T> TypedPool<T> of(Lookup lookup, Class<T> type, GroupLayout layout, MemoryPool pool) {
    return OpenTypedPool.over(View.of(lookup, type, layout), pool);
  }

  /**
   * The interface.
   *
   * @return as given
   */
  Class<T> type();

  /**
   * Where members lie.
   *
   * @return as given, without its name
   */
  GroupLayout layout();

  /**
   * Allocates an object, all zero.
   *
   * @return to be closed
   * @throws PoolExhaustedException when no block that it may take is free
   * @throws IllegalStateException when the pool is closed
   */
  TypedBlock<T> allocate();

  /**
   * Allocates an object, all zero, or gives null at once when there is none.
   *
   * @return to be closed, or null when no block that it may take is free
   * @throws IllegalStateException when the pool is closed
   */
  @Nullable TypedBlock<T> tryAllocate();

  /**
   * Allocates an object, all zero, and waits for one if need be; see {@link
   * MemoryPool#allocate(long, Duration)}.
   *
   * @param timeout how long to wait at most; zero or less does not wait
   * @return to be closed
   * @throws PoolExhaustedException when the time is up
   * @throws InterruptedException when the thread is interrupted before it was handed a block
   * @throws IllegalStateException when the pool is closed, also while waiting
   */
  TypedBlock<T> allocate(Duration timeout) throws InterruptedException;

  /**
   * Any memory, seen as one of these objects: of a handle ({@code pool().segment(handle)}), of a
   * block that carries a header first, of a mapped file. Nothing is zeroed, and nothing keeps the
   * memory from being freed.
   *
   * @param segment at least as long as the layout, and aligned as it is
   * @return a view of its start
   * @throws IllegalArgumentException when the segment is too short, not aligned, or read-only
   */
  T view(MemorySegment segment);

  /**
   * Where the blocks come from.
   *
   * @return the pool that was given, or that this one opened
   */
  MemoryPool pool();

  /**
   * The pool's name.
   *
   * @return {@code pool().name()}
   */
  String name();

  /**
   * A snapshot of all figures of {@link #pool()}.
   *
   * @return the snapshot
   */
  PoolStats stats();

  /**
   * Walks all blocks of {@link #pool()}.
   *
   * @return the report
   */
  VerifyReport verify();

  /**
   * Closes the pool that this one opened; does nothing when it was given one, or is closed already.
   *
   * @throws IllegalStateException when objects are live: the pool stays open
   */
  @Override
  void close();
}
