package io.cistern.config;

import java.util.Objects;

/**
 * One quota of a profile.
 *
 * @param path its name, after the path of the quota above it and a {@code /}, if there is one
 * @param limitBytes most that it and those below it may have
 * @param guaranteedBytes what is kept for it, at most the limit
 * @param critical whether it may take the reserves of pools, as may all below it
 */
public record QuotaSpec(String path, long limitBytes, long guaranteedBytes, boolean critical) {
  /** Refuses null. */
  public QuotaSpec {
    Objects.requireNonNull(path, "path");
  }
}
