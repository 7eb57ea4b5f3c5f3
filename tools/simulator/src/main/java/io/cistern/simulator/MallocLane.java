package io.cistern.simulator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Plain addresses from the C library, written through one segment that spans all memory. The
 * functions are constants and linked as critical: no state transition of the thread, the cheapest
 * call from Java that there is.
 */
@SuppressWarnings("restricted") // malloc is native, and who replays on it allows that
final class MallocLane extends Lane {
  private static final MethodHandle MALLOC =
      link("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  private static final MethodHandle REALLOC =
      link("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = link("free", FunctionDescriptor.ofVoid(JAVA_LONG));
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final long NONE = 0;

  private final long[] addresses;

  MallocLane(int blocks) {
    this.addresses = new long[blocks];
  }

  private static MethodHandle link(String symbol, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(symbol), type, Linker.Option.critical(false));
  }

  @Override
  boolean allocate(int block, int size) {
    try {
      long address = (long) MALLOC.invokeExact((long) size);
      if (address == NONE) {
        return false;
      }
      MEMORY.set(JAVA_BYTE, address, (byte) 1);
      addresses[block] = address;
      return true;
    } catch (Throwable unexpected) {
      throw failed(unexpected);
    }
  }

  @Override
  boolean resize(int block, int size) {
    if (addresses[block] == NONE) {
      return true;
    }
    try {
      long address = (long) REALLOC.invokeExact(addresses[block], (long) size);
      if (address == NONE) {
        return false;
      }
      addresses[block] = address;
      return true;
    } catch (Throwable unexpected) {
      throw failed(unexpected);
    }
  }

  @Override
  void free(int block) {
    try {
      FREE.invokeExact(addresses[block]);
    } catch (Throwable unexpected) {
      throw failed(unexpected);
    }
    addresses[block] = NONE;
  }

  private static IllegalStateException failed(Throwable unexpected) {
    return new IllegalStateException("a call of the C library failed", unexpected);
  }

  @Override
  MemorySegment memory(int block, int size) {
    return MEMORY.asSlice(addresses[block], size);
  }

  @Override
  void clear() {
    for (int block = 0; block < addresses.length; block++) {
      if (addresses[block] != NONE) {
        free(block);
      }
    }
  }
}
