package io.cistern.jdk.jfr;

import io.cistern.Damage;
import io.cistern.InvalidFreeException;
import io.cistern.PoolListener;
import java.util.EnumMap;
import java.util.Map;
import jdk.jfr.Event;
import jdk.jfr.EventType;

/**
 * Turns what one pool tells into events of the flight recorder. {@link #hears} says no while no
 * recording has the event, so the pool does not even put its figures together.
 *
 * <p>No state: any thread may call. The commit asks the settings (throttle, {@code pools}), walks
 * the stack once, and writes into a buffer of the thread's own; it never waits for whoever reads
 * the recording.
 */
final class EventWriter implements PoolListener {
  private static final Map<Kind, EventType> TYPES = new EnumMap<>(Kind.class);

  static {
    type(Kind.EXHAUSTED, AllocationFailed.class);
    type(Kind.PRESSURE, LevelChange.class);
    type(Kind.VIOLATION, Violation.class);
    type(Kind.DAMAGE, DamageFound.class);
    type(Kind.LOST, BlockLost.class);
    type(Kind.SAMPLED, AllocationSampled.class);
    type(Kind.SPILLED, Spill.class);
    type(Kind.FALLBACK, Fallback.class);
    type(Kind.GROWN, Grow.class);
    type(Kind.TRIMMED, Trim.class);
  }

  private final String pool;

  EventWriter(String pool) {
    this.pool = pool;
  }

  private static void type(Kind kind, Class<? extends Event> event) {
    TYPES.put(kind, EventType.getEventType(event));
  }

  private static boolean isRecorded(Kind kind) {
    EventType type = TYPES.get(kind);
    return type != null && type.isEnabled();
  }

  @Override
  public boolean hears(Kind kind) {
    return isRecorded(kind);
  }

  @Override
  public void onExhausted(Exhaustion exhaustion) {
    if (isRecorded(Kind.EXHAUSTED)) {
      new AllocationFailed(exhaustion).commit();
    }
  }

  @Override
  public void onPressureChanged(PressureChange change) {
    if (isRecorded(Kind.PRESSURE)) {
      new LevelChange(change).commit();
    }
  }

  @Override
  public void onViolation(InvalidFreeException violation) {
    if (isRecorded(Kind.VIOLATION)) {
      new Violation(pool, violation).commit();
    }
  }

  @Override
  public void onDamage(Damage damage) {
    if (isRecorded(Kind.DAMAGE)) {
      new DamageFound(damage).commit();
    }
  }

  @Override
  public void onLost(Lost lost) {
    if (isRecorded(Kind.LOST)) {
      new BlockLost(lost).commit();
    }
  }

  @Override
  public void onSampled(Sampled sampled) {
    if (isRecorded(Kind.SAMPLED)) {
      new AllocationSampled(sampled).commit();
    }
  }

  @Override
  public void onSpilled(Spilled spilled) {
    if (isRecorded(Kind.SPILLED)) {
      new Spill(spilled).commit();
    }
  }

  @Override
  public void onFallback(FallbackTaken taken) {
    if (isRecorded(Kind.FALLBACK)) {
      new Fallback(taken).commit();
    }
  }

  @Override
  public void onGrown(RegionChange change) {
    if (isRecorded(Kind.GROWN)) {
      new Grow(change).commit();
    }
  }

  @Override
  public void onTrimmed(RegionChange change) {
    if (isRecorded(Kind.TRIMMED)) {
      new Trim(change).commit();
    }
  }
}
