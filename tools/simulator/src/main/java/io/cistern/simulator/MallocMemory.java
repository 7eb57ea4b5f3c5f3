package io.cistern.simulator;

import java.util.List;
import java.util.OptionalLong;

/** The C library's memory, the same for all of the process. */
final class MallocMemory implements Memory {
  @Override
  public Lane lane(int blocks) {
    return new MallocLane(blocks);
  }

  @Override
  public OptionalLong regionBytes() {
    return OptionalLong.empty();
  }

  @Override
  public double fragmentation(long liveBytes) {
    return Double.NaN;
  }

  @Override
  public List<String> verify() {
    return List.of();
  }

  @Override
  public void close() {}
}
