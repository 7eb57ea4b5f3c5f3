package io.cistern.internal;

import java.lang.foreign.Arena;

/**
 * A memory barrier in every thread of the JVM at once, so that a side that runs often needs none.
 *
 * <p>When {@link #run()} returns, every other thread has executed a full barrier since the call
 * began. There is no call for this in Java; but closing a shared {@link Arena} has to stop each
 * thread for a moment, to see whether it uses the arena, and HotSpot does so by a handshake. On
 * another JVM, of which we do not know it, there is no such barrier.
 */
final class Barrier {
  private static final boolean SUPPORTED = isHotSpot(System.getProperty("java.vm.name", ""));

  private Barrier() {}

  /** Whether this JVM has such a barrier. */
  static boolean isSupported() {
    return SUPPORTED;
  }

  static boolean isHotSpot(String vmName) {
    return vmName.startsWith("OpenJDK ") || vmName.contains("HotSpot");
  }

  /** Some 30 us and more with the number of running threads; no thread is kept from running. */
  static void run() {
    Arena.ofShared().close();
  }
}
