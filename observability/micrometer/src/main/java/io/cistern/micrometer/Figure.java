package io.cistern.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One figure of a thing: how its meter is called and made, and where in the snapshot its value
 * stands.
 *
 * <p>Micrometer holds what it reads weakly, except for gauges. A {@link Reading} is handed in twice
 * therefore, as the object and within the function, and so lives as long as its meter.
 *
 * @param <T> the thing
 */
@FunctionalInterface
interface Figure<T> {
  /**
   * Makes the meter.
   *
   * @param prefix before the name
   * @param tags of the thing
   * @param row where the thing is found
   */
  Meter register(MeterRegistry registry, String prefix, Tags tags, Row<T> row);

  /** A value that goes up and down. */
  static <T> Figure<T> gauge(
      String name, @Nullable String unit, String description, ToDoubleFunction<T> value) {
    return (registry, prefix, tags, row) ->
        Gauge.builder(prefix + name, new Reading<>(row, value), Reading::value)
            .baseUnit(unit)
            .description(description)
            .tags(tags)
            .strongReference(true)
            .register(registry);
  }

  /** A duration in nanoseconds that goes up and down; registries turn it into their own unit. */
  static <T> Figure<T> time(String name, String description, ToDoubleFunction<T> nanos) {
    return (registry, prefix, tags, row) ->
        TimeGauge.builder(
                prefix + name, new Reading<>(row, nanos), TimeUnit.NANOSECONDS, Reading::value)
            .description(description)
            .tags(tags)
            .strongReference(true)
            .register(registry);
  }

  /** A value that only goes up. */
  static <T> Figure<T> counter(
      String name, @Nullable String unit, String description, ToDoubleFunction<T> value) {
    return (registry, prefix, tags, row) -> {
      Reading<T> reading = new Reading<>(row, value);
      return FunctionCounter.builder(prefix + name, reading, same -> reading.value())
          .baseUnit(unit)
          .description(description)
          .tags(tags)
          .register(registry);
    };
  }

  /** How many there were, and how many nanoseconds they took together. */
  static <T> Figure<T> timer(
      String name, String description, ToDoubleFunction<T> count, ToDoubleFunction<T> nanos) {
    return (registry, prefix, tags, row) -> {
      Reading<T> counted = new Reading<>(row, count);
      Reading<T> taken = new Reading<>(row, nanos);
      return FunctionTimer.builder(
              prefix + name,
              counted,
              same -> (long) counted.value(),
              same -> taken.value(),
              TimeUnit.NANOSECONDS)
          .description(description)
          .tags(tags)
          .register(registry);
    };
  }
}
