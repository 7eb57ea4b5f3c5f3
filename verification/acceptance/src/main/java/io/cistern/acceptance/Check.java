package io.cistern.acceptance;

/**
 * One thing that a reference system asks for, and the code that measures it. The body throws {@link
 * CheckFailedException} at the first contradiction, and otherwise returns a figure that must keep
 * the limit.
 */
public final class Check {
  private final String id;
  private final String title;
  private final String statement;
  private final Limit limit;
  private final Body body;

  Check(String id, String title, String statement, Limit limit, Body body) {
    this.id = id;
    this.title = title;
    this.statement = statement;
    this.limit = limit;
    this.body = body;
  }

  /** What a check does with pools that were opened for it alone. */
  @FunctionalInterface
  interface Body {
    /**
     * Measures.
     *
     * @param pools opened for this check, closed after it
     * @return the figure, in the unit of the check's limit
     * @throws Exception whatever goes wrong; the check has failed then
     */
    double measure(FreshPools pools) throws Exception;
  }

  /**
   * Names the check in lines, reports and docs.
   *
   * @return like {@code R1.5}, unique over all suites
   */
  public String id() {
    return id;
  }

  /**
   * What is checked.
   *
   * @return a few words
   */
  public String title() {
    return title;
  }

  /**
   * What the check stands for.
   *
   * @return the statement of SPEC.md, shortened
   */
  public String statement() {
    return statement;
  }

  /**
   * What the figure may be.
   *
   * @return the limit
   */
  public Limit limit() {
    return limit;
  }

  Body body() {
    return body;
  }

  @Override
  public String toString() {
    return id + " " + title;
  }
}
