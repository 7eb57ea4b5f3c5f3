package io.cistern.micrometer;

import io.micrometer.core.instrument.Tags;

/**
 * One thing of a kind, wherever it stands in the snapshots to come.
 *
 * @param <T> the thing
 * @param rounds where snapshots come from
 * @param kind of thing
 * @param tags that tell it from others of its kind
 */
record Row<T>(Rounds rounds, Kind<T> kind, Tags tags) {}
