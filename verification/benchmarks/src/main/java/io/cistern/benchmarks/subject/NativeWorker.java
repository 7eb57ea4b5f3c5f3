package io.cistern.benchmarks.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * Plain addresses, written through one segment that spans all memory. The two functions are
 * constants of a class for each library, which is what lets the JIT put the calls in line.
 */
@SuppressWarnings("restricted") // the benchmarks run with native access
@CompilerControl(CompilerControl.Mode.INLINE)
abstract class NativeWorker implements Worker {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final long[] addresses;

  private NativeWorker(int slots) {
    this.addresses = new long[slots];
  }

  abstract long malloc(long size) throws Throwable;

  abstract void release(long address) throws Throwable;

  private long allocate(int size) throws Throwable {
    long address = malloc(size);
    if (address == 0) {
      throw new OutOfMemoryError("malloc(" + size + ") gave nothing");
    }
    MEMORY.set(JAVA_BYTE, address, (byte) 1);
    return address;
  }

  @Override
  public final void pair(int size) {
    try {
      release(allocate(size));
    } catch (Throwable refused) {
      throw new IllegalStateException(refused);
    }
  }

  @Override
  public final void allocate(int slot, int size) {
    try {
      addresses[slot] = allocate(size);
    } catch (Throwable refused) {
      throw new IllegalStateException(refused);
    }
  }

  @Override
  public final void free(int slot) {
    try {
      release(addresses[slot]);
    } catch (Throwable refused) {
      throw new IllegalStateException(refused);
    }
  }

  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Glibc extends NativeWorker {
    private static final MethodHandle MALLOC = NativeLibrary.GLIBC.linkMalloc();
    private static final MethodHandle FREE = NativeLibrary.GLIBC.linkFree();

    Glibc(int slots) {
      super(slots);
    }

    @Override
    long malloc(long size) throws Throwable {
      return (long) MALLOC.invokeExact(size);
    }

    @Override
    void release(long address) throws Throwable {
      FREE.invokeExact(address);
    }
  }

  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Mimalloc extends NativeWorker {
    private static final MethodHandle MALLOC = NativeLibrary.MIMALLOC.linkMalloc();
    private static final MethodHandle FREE = NativeLibrary.MIMALLOC.linkFree();

    Mimalloc(int slots) {
      super(slots);
    }

    @Override
    long malloc(long size) throws Throwable {
      return (long) MALLOC.invokeExact(size);
    }

    @Override
    void release(long address) throws Throwable {
      FREE.invokeExact(address);
    }
  }

  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Jemalloc extends NativeWorker {
    private static final MethodHandle MALLOC = NativeLibrary.JEMALLOC.linkMalloc();
    private static final MethodHandle FREE = NativeLibrary.JEMALLOC.linkFree();

    Jemalloc(int slots) {
      super(slots);
    }

    @Override
    long malloc(long size) throws Throwable {
      return (long) MALLOC.invokeExact(size);
    }

    @Override
    void release(long address) throws Throwable {
      FREE.invokeExact(address);
    }
  }

  @CompilerControl(CompilerControl.Mode.INLINE)
  static final class Tcmalloc extends NativeWorker {
    private static final MethodHandle MALLOC = NativeLibrary.TCMALLOC.linkMalloc();
    private static final MethodHandle FREE = NativeLibrary.TCMALLOC.linkFree();

    Tcmalloc(int slots) {
      super(slots);
    }

    @Override
    long malloc(long size) throws Throwable {
      return (long) MALLOC.invokeExact(size);
    }

    @Override
    void release(long address) throws Throwable {
      FREE.invokeExact(address);
    }
  }
}
