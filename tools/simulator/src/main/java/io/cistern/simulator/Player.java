package io.cistern.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;

/**
 * Plays a trace on a lane, as fast as it goes.
 *
 * <p>The JIT compiles a loop for what it has seen there: one that has replayed on two subjects
 * calls the third through a table, and none of them in line. So each subject gets a copy of the
 * loop's class, with a profile of its own, and is measured as if it were alone.
 */
interface Player {
  /**
   * Plays all operations.
   *
   * @return how many were refused
   */
  int play(Trace trace, Lane lane);

  /** A player that nobody else has used. */
  static Player fresh() {
    String file = Loop.class.getSimpleName() + ".class";
    try (InputStream in = Loop.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not where it was loaded from");
      }
      return (Player)
          MethodHandles.lookup()
              .defineHiddenClass(in.readAllBytes(), true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("the loop cannot be copied", impossible);
    }
  }
}
