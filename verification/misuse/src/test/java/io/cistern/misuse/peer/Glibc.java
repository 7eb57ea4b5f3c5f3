package io.cistern.misuse.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code malloc} and {@code free} of the C library, through the Foreign Function & Memory API. */
@SuppressWarnings("restricted") // the suite runs with native access
final class Glibc implements Peer {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MALLOC =
      link("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = link("free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static MethodHandle link(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  /** The C library's own word; empty where the C library is another one. */
  static String version() {
    return LINKER
        .defaultLookup()
        .find("gnu_get_libc_version")
        .map(function -> LINKER.downcallHandle(function, FunctionDescriptor.of(ADDRESS)))
        .map(Glibc::text)
        .orElse("");
  }

  private static String text(MethodHandle function) {
    try {
      return ((MemorySegment) function.invokeExact()).reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  @Override
  public Buffer allocate(int size) {
    try {
      return new Pointer((long) MALLOC.invokeExact((long) size));
    } catch (Throwable unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  @Override
  public void freeAddress(long address) {
    try {
      FREE.invokeExact(address);
    } catch (Throwable unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  private final class Pointer implements Buffer {
    private final long address;

    private Pointer(long address) {
      this.address = address;
    }

    @Override
    public void write(int at, byte value) {
      MEMORY.set(JAVA_BYTE, address + at, value);
    }

    @Override
    public byte read(int at) {
      return MEMORY.get(JAVA_BYTE, address + at);
    }

    @Override
    public long address() {
      return address;
    }

    @Override
    public void free() {
      freeAddress(address);
    }
  }
}
