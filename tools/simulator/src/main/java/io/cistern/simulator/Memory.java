package io.cistern.simulator;

import java.util.List;
import java.util.OptionalLong;

/** Open memory of a {@link Subject}, which the replays of one trace share. */
public sealed interface Memory extends AutoCloseable permits PoolMemory, MallocMemory, NettyMemory {
  /**
   * A place for what one thread's replay holds. Used by one thread at a time.
   *
   * @param blocks of the trace
   * @return an empty lane
   */
  Lane lane(int blocks);

  /**
   * The memory that it has, whatever is live in it.
   *
   * @return bytes; nothing when it takes memory as it goes along
   */
  OptionalLong regionBytes();

  /**
   * How fragmented it is now: of a pool of variable sizes external (1 − largest free / all free),
   * of tiers internal (1 − asked for / granted).
   *
   * @param liveBytes that were asked for and are live
   * @return from 0 to 1; NaN where nobody can tell
   */
  double fragmentation(long liveBytes);

  /**
   * Looks whether it is sound.
   *
   * @return what is wrong, or nothing
   */
  List<String> verify();

  /** Gives the memory back; every lane must be empty. */
  @Override
  void close();
}
