package io.cistern.misuse;

import java.lang.foreign.MemorySegment;

/** The kinds of view that a program may have of an allocation. */
enum View {
  /** Of the block itself. */
  SEGMENT("a segment", Victim.SIZE) {
    @Override
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(victim.segment(), 0);
    }
  },
  /** By handle. */
  HANDLE_SEGMENT("a segment by handle", Victim.SIZE) {
    @Override
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(stage.pool().segment(victim.handle()), 0);
    }
  },
  /** A part of the block. */
  SLICE("a slice", Victim.SLICE_SIZE) {
    @Override
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(victim.slice(), 0);
    }
  },
  /** For code that knows buffers. */
  BUFFER("a buffer", Victim.SIZE) {
    @Override
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(victim.buffer());
    }
  },
  /** Checked against the region's bounds alone. */
  REGION("region and offset", Victim.SIZE) {
    @Override
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(stage.pool().region(), stage.pool().offset(victim.handle()));
    }
  },
  /** As native code has it; checked against nothing. */
  ADDRESS("a bare address", Victim.SIZE) {
    @Override
    @SuppressWarnings("restricted") // that is the point
    Bytes of(Stage stage, Victim victim) {
      return Bytes.of(MemorySegment.NULL.reinterpret(Long.MAX_VALUE), victim.address());
    }
  };

  private final String text;
  private final int size;

  View(String text, int size) {
    this.text = text;
    this.size = size;
  }

  /** As the tables say it. */
  String text() {
    return text;
  }

  /** Bytes that may be accessed through it. */
  int size() {
    return size;
  }

  /** Whether an access beyond the bounds, or after the free, goes through. */
  boolean isUnchecked() {
    return this == REGION || this == ADDRESS;
  }

  /**
   * Leaves out the pools in which there is no such view; and the memory of others than pools, to
   * which nothing may be written that is not ours.
   */
  MisuseCase limit(MisuseCase one) {
    return switch (this) {
      case REGION -> one.notIn(PoolKind.REGIONS, PoolKind.FALLBACK);
      case ADDRESS -> one.notIn(PoolKind.FALLBACK);
      default -> one;
    };
  }

  /** The view, taken while the allocation is live. */
  abstract Bytes of(Stage stage, Victim victim);
}
