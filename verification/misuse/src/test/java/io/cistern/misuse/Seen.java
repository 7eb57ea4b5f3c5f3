package io.cistern.misuse;

/** When a misuse is noticed, from the earliest moment to never. */
enum Seen {
  /** By the call that commits it, which throws and changes nothing. */
  THROWN("thrown"),
  /** When the block that was misused, or one beside it, is freed. */
  REPORTED_AT_FREE("at free"),
  /** When the block's memory is about to be handed out again. */
  REPORTED_AT_REUSE("at reuse"),
  /** By {@code verify()}, when the pool is closed, or when the collector found it. */
  REPORTED("reported"),
  /** Never. */
  NOT_SEEN("not seen");

  private final String text;

  Seen(String text) {
    this.text = text;
  }

  /** As the tables say it. */
  String text() {
    return text;
  }
}
