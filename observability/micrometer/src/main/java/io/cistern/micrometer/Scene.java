package io.cistern.micrometer;

import io.cistern.LeakReport;
import io.cistern.ManagerStats;
import java.util.List;

/**
 * What meters are read from.
 *
 * @param stats the snapshot of the manager
 * @param suspects one report a pool, as old as {@link Suspects} allow
 */
record Scene(ManagerStats stats, List<LeakReport> suspects) {}
