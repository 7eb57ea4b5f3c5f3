package io.cistern;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The restricted calls that core makes for what {@link MemoryPool#openArena} and {@link
 * CheckLevel#GUARDED} promise: a segment of a pool's memory that dies with a scope of its own.
 */
final class NativeAccess {
  private NativeAccess() {}

  /**
   * The same memory in another scope.
   *
   * @throws IllegalStateException when native access is denied: which flag is missing
   */
  @SuppressWarnings("restricted") // what this class is for
  static MemorySegment reinterpret(MemorySegment memory, Arena scope, String what) {
    try {
      return memory.reinterpret(scope, null);
    } catch (IllegalCallerException denied) {
      throw denied(what, denied);
    }
  }

  /**
   * Throws where native access is denied.
   *
   * @throws IllegalStateException which flag is missing
   */
  static void check(String what) {
    reinterpret(MemorySegment.NULL, Arena.global(), what);
  }

  /** All memory by its address, null where native access is denied. */
  @SuppressWarnings("restricted") // what this class is for
  static @Nullable MemorySegment everything() {
    try {
      return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    } catch (IllegalCallerException denied) {
      return null;
    }
  }

  private static IllegalStateException denied(String what, IllegalCallerException cause) {
    return new IllegalStateException(
        "%s needs native access: start Java with --enable-native-access=%s"
            .formatted(what, module()),
        cause);
  }

  private static String module() {
    Module module = NativeAccess.class.getModule();
    return module.isNamed() ? module.getName() : "ALL-UNNAMED";
  }
}
