package io.cistern.simulator;

/** The loop of a {@link Player}. Never used itself, but copied: {@link Player#fresh}. */
final class Loop implements Player {
  @Override
  public int play(Trace trace, Lane lane) {
    int operations = trace.operations();
    int refused = 0;
    for (int i = 0; i < operations; i++) {
      int block = trace.block(i);
      int size = trace.size(i);
      if (size > 0) {
        refused += lane.allocate(block, size) ? 0 : 1;
      } else if (size == 0) {
        lane.free(block);
      } else {
        refused += lane.resize(block, -size) ? 0 : 1;
      }
    }
    return refused;
  }
}
