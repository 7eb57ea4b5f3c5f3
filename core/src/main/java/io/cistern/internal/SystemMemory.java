package io.cistern.internal;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Memory that was given back to {@code malloc}, which may keep it: pieces of 128 KiB and more go
 * back to the operating system by themselves at first, but glibc raises that bound with each that
 * is freed. Its {@code malloc_trim} hands all free pages back. That is a native call, so it is made
 * only where this module may make them ({@code --enable-native-access}); without, nothing happens
 * and nothing is logged.
 */
public final class SystemMemory {
  private static final @Nullable MethodHandle TRIM = find();

  private SystemMemory() {}

  @SuppressWarnings("restricted") // asked for before
  private static @Nullable MethodHandle find() {
    if (!SystemMemory.class.getModule().isNativeAccessEnabled()) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
    return linker
        .defaultLookup()
        .find("malloc_trim")
        .map(address -> linker.downcallHandle(address, type))
        .orElse(null);
  }

  /**
   * Hands free pages back. Takes up to milliseconds, for which others may wait in {@code malloc}:
   * for background threads.
   *
   * @return whether any were handed back; false where native access is not allowed, or the C
   *     library is not glibc
   */
  public static boolean giveBackFreePages() {
    if (TRIM == null) {
      return false;
    }
    try {
      return (int) TRIM.invokeExact(0L) != 0;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
