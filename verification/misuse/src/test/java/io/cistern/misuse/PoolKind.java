package io.cistern.misuse;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The kinds of pool whose code differs where misuse is met. */
enum PoolKind {
  /** Tiers of up to 64 blocks. */
  TIERS("tiers") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers();
    }
  },
  /** A tier with magazines. */
  MAGAZINES("tiers of more than 64 blocks") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return MemoryPool.builder().tier(BLOCK, 80);
    }
  },
  /** Blocks of any size. */
  VARIABLE("any size") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return MemoryPool.builder().variable(32L * BLOCK);
    }
  },
  /** Somebody looks at each allocation. */
  LABELLED("labels") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers().labels();
    }

    @Override
    MemoryPool open(MemoryPool.Builder builder) {
      return builder.build().labelled("misused");
    }
  },
  /** Opened by a manager, paid for by a quota. */
  QUOTA("quotas") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers();
    }

    @Override
    MemoryPool open(MemoryPool.Builder builder) {
      PoolManager manager =
          PoolManager.builder().pool(NAME, builder).quota("misused", 1 << 20, 0, false).build();
      return manager.pool(NAME).chargedTo(manager.quota("misused"));
    }
  },
  /** Regions that come and go. */
  REGIONS("several regions") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers().regions(1, 2, Duration.ofMinutes(1));
    }
  },
  /** Memory outside of the pool. */
  FALLBACK("fallback memory") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers().enabled(false).fallback(16L * BLOCK);
    }
  },
  /** Every operation is written down. */
  RECORDED("recorded") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers().recordTo(scratch.resolve("trace-" + TRACES.incrementAndGet() + ".rep"));
    }
  },
  /** One thread's. */
  CONFINED("confined") {
    @Override
    MemoryPool.Builder builder(Path scratch) {
      return tiers().confined();
    }
  };

  static final String NAME = "pool";
  private static final int BLOCK = 256;
  private static final AtomicInteger TRACES = new AtomicInteger();

  private final String text;

  PoolKind(String text) {
    this.text = text;
  }

  private static MemoryPool.Builder tiers() {
    return MemoryPool.builder().tier(BLOCK, 8).tier(16L * BLOCK, 2);
  }

  /** As the tables say it. */
  String text() {
    return text;
  }

  abstract MemoryPool.Builder builder(Path scratch);

  MemoryPool open(MemoryPool.Builder builder) {
    return builder.build();
  }

  /**
   * Opens a pool.
   *
   * @param level how much it checks
   * @param listener hears what it reports
   * @param scratch a folder for files
   * @return the pool, or a view of it, where that is what programs allocate from
   */
  final MemoryPool open(CheckLevel level, PoolListener listener, Path scratch) {
    return open(builder(scratch).name(NAME).listener(listener).checks(level));
  }
}
