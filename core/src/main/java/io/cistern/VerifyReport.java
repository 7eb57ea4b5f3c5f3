package io.cistern;

import java.util.List;

/**
 * What a walk over a whole pool found.
 *
 * @param pool name of the pool
 * @param blocks how many blocks were looked at
 * @param quiescent whether nothing was allocated or freed during the walk; if not, only what must
 *     hold at every moment was checked, and sums and hints were not
 * @param findings one line for each thing that is wrong; empty when all is well
 */
public record VerifyReport(String pool, long blocks, boolean quiescent, List<String> findings) {
  /** Copies the findings. */
  public VerifyReport {
    findings = List.copyOf(findings);
  }

  /**
   * Whether nothing wrong was found.
   *
   * @return true when there are no findings
   */
  public boolean ok() {
    return findings.isEmpty();
  }

  /**
   * Throws when something is wrong; for tests.
   *
   * @return this report
   * @throws IllegalStateException with all findings, when there are any
   */
  public VerifyReport orThrow() {
    if (!ok()) {
      throw new IllegalStateException(toString());
    }
    return this;
  }

  @Override
  public String toString() {
    String head =
        "pool '"
            + pool
            + "': "
            + blocks
            + " blocks, "
            + (ok() ? "ok" : findings.size() + " findings");
    return ok() ? head : head + "\n  " + String.join("\n  ", findings);
  }
}
