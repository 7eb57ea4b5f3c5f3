package io.cistern;

import io.cistern.ManagerPressure.Cause;
import io.cistern.ManagerPressure.Reading;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One level from several readings. Each reading moves by itself, as {@link PressureLimits} say; the
 * level of the whole is the highest of them:
 *
 * <pre>
 * level = max(level of used percent, level of free bytes, level of fragmentation)
 * </pre>
 *
 * <p>Limits and levels are one immutable object behind one reference. A look reads that object
 * first and the values after it; a crossing replaces the object by compare-and-set, one reading at
 * a time. So each crossing is seen by exactly one thread, levels that two threads report fit
 * together (the {@code from} of each crossing is the {@code to} of the one before it), and nobody
 * moves to a level by limits that have been replaced. Whoever wins looks again; whoever loses need
 * not, since the winner's next look comes after the loser's. So when all have returned, the level
 * fits the values that were read last.
 *
 * <p>A look costs three readings and no allocation; only a crossing makes objects. For slow paths.
 */
final class PressureGauge {
  /** What a source answers that has no such reading. */
  static final long NONE = -1;

  private static final Reading[] READINGS = Reading.values();

  private static final AtomicReferenceFieldUpdater<PressureGauge, State> STATE =
      AtomicReferenceFieldUpdater.newUpdater(PressureGauge.class, State.class, "state");

  private volatile State state;

  PressureGauge(PressureLimits limits) {
    PressureLevel normal = PressureLevel.NORMAL;
    this.state = new State(limits, normal, normal, normal);
  }

  /**
   * Where values come from. Called without any lock, by several threads at once; a reading that is
   * not there is {@link #NONE} and its level NORMAL.
   */
  interface Source {
    /** Bytes that are used. */
    default long usedBytes() {
      return NONE;
    }

    /** Bytes that there are; of no meaning where {@link #usedBytes} is not there. */
    default long totalBytes() {
      return NONE;
    }

    /** Bytes of the budget that are free. */
    default long freeBytes() {
      return NONE;
    }

    /** External fragmentation of a region of variable size, 0 to 100. */
    default double fragmentationPercent() {
      return NONE;
    }
  }

  /** A crossing: the level of the whole before and after, and the reading that crossed. */
  record Change(PressureLevel from, PressureLevel to, Cause cause) {
    ManagerPressure in(String pool) {
      return new ManagerPressure(pool, from, to, cause);
    }
  }

  /** The level now, as the last look left it. */
  PressureLevel level() {
    return state.level();
  }

  /** The level that a look would leave now; nothing is moved or told. */
  PressureLevel peek(Source source) {
    State now = state;
    PressureLevel used = level(now, source.usedBytes(), source.totalBytes());
    PressureLevel free = level(now, source.freeBytes());
    PressureLevel fragmentation =
        now.limits.fragmentation(now.fragmentation, source.fragmentationPercent());
    return new State(now.limits, used, free, fragmentation).level();
  }

  /** The level of one reading now, as the last look left it. */
  PressureLevel level(Reading reading) {
    return state.of(reading);
  }

  PressureLimits limits() {
    return state.limits;
  }

  /**
   * Looks again after each crossing, so that the last one to look leaves the level that is right.
   */
  void follow(Source source, Consumer<Change> heard) {
    for (Change change = update(source); change != null; change = update(source)) {
      heard.accept(change);
    }
  }

  /** Replaces the limits, and looks. */
  void change(PressureLimits limits, Source source, Consumer<Change> heard) {
    Objects.requireNonNull(limits, "limits");
    STATE.updateAndGet(this, before -> before.with(limits));
    follow(source, heard);
  }

  /**
   * Moves one reading to its level, if one is due; the crossing if this call made it, else null.
   */
  @Nullable Change update(Source source) {
    State before = state;
    for (Reading reading : READINGS) {
      Change change = look(before, reading, source);
      if (change != null) {
        return change;
      }
    }
    return null;
  }

  private @Nullable Change look(State before, Reading reading, Source source) {
    return switch (reading) {
      case USED -> lookAtUse(before, source.usedBytes(), source.totalBytes());
      case FREE_BYTES -> lookAtFree(before, source.freeBytes());
      case FRAGMENTATION -> lookAtFragmentation(before, source.fragmentationPercent());
    };
  }

  private static PressureLevel level(State before, long used, long total) {
    return used < 0 || total <= 0
        ? PressureLevel.NORMAL
        : before.limits.used(before.used, used, total);
  }

  private static PressureLevel level(State before, long free) {
    return free == NONE ? PressureLevel.NORMAL : before.limits.free(before.free, free);
  }

  private @Nullable Change lookAtUse(State before, long used, long total) {
    PressureLevel next = level(before, used, total);
    return next == before.used
        ? null
        : move(before, Reading.USED, next, total <= 0 ? 0 : 100.0 * used / total);
  }

  private @Nullable Change lookAtFree(State before, long free) {
    PressureLevel next = level(before, free);
    return next == before.free ? null : move(before, Reading.FREE_BYTES, next, (double) free);
  }

  private @Nullable Change lookAtFragmentation(State before, double percent) {
    PressureLevel next = before.limits.fragmentation(before.fragmentation, percent);
    return next == before.fragmentation ? null : move(before, Reading.FRAGMENTATION, next, percent);
  }

  private @Nullable Change move(State before, Reading reading, PressureLevel to, double value) {
    State after = before.with(reading, to);
    if (!STATE.compareAndSet(this, before, after)) {
      return null;
    }
    PressureLevel from = before.of(reading);
    double threshold = before.threshold(reading, from.compareTo(to) > 0 ? from : to);
    return new Change(
        before.level(), after.level(), new Cause(reading, from, to, Math.max(0, value), threshold));
  }

  /** Limits, and the level of each reading. */
  private record State(
      PressureLimits limits, PressureLevel used, PressureLevel free, PressureLevel fragmentation) {
    PressureLevel level() {
      return highest(used, highest(free, fragmentation));
    }

    private static PressureLevel highest(PressureLevel one, PressureLevel other) {
      return one.compareTo(other) > 0 ? one : other;
    }

    PressureLevel of(Reading reading) {
      return switch (reading) {
        case USED -> used;
        case FREE_BYTES -> free;
        case FRAGMENTATION -> fragmentation;
      };
    }

    State with(PressureLimits other) {
      return new State(other, used, free, fragmentation);
    }

    State with(Reading reading, PressureLevel to) {
      return switch (reading) {
        case USED -> new State(limits, to, free, fragmentation);
        case FREE_BYTES -> new State(limits, used, to, fragmentation);
        case FRAGMENTATION -> new State(limits, used, free, to);
      };
    }

    double threshold(Reading reading, PressureLevel level) {
      boolean critical = level == PressureLevel.CRITICAL;
      return switch (reading) {
        case USED -> critical ? limits.criticalUsedPercent() : limits.lowUsedPercent();
        case FREE_BYTES -> critical ? limits.criticalFreeBytes() : limits.lowFreeBytes();
        case FRAGMENTATION ->
            critical ? limits.criticalFragmentationPercent() : limits.lowFragmentationPercent();
      };
    }
  }
}
