package io.cistern.cli;

import io.cistern.jdk.ResidentMemory;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the process as a whole takes.
 *
 * @param rssBytes resident memory; {@value #UNKNOWN} where the system does not tell
 * @param gcCount garbage collections since the start
 * @param gcMillis time spent in them
 */
record ProcessFigures(long rssBytes, long gcCount, long gcMillis) {
  static final long UNKNOWN = ResidentMemory.UNKNOWN;

  static ProcessFigures now() {
    long count = 0;
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      count += Math.max(0, collector.getCollectionCount());
      millis += Math.max(0, collector.getCollectionTime());
    }
    return new ProcessFigures(ResidentMemory.bytes(), count, millis);
  }
}
