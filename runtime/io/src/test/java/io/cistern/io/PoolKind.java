package io.cistern.io;

import io.cistern.CheckLevel;
import io.cistern.MemoryPool;
import java.time.Duration;
import java.util.List;

/** The pools that chains are tested over; each with room for {@code blocks} blocks of a size. */
enum PoolKind {
  TIERS {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, blocks);
    }
  },
  /** Half of the blocks come from a larger tier. */
  SPILLING {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      int half = blocks / 2;
      MemoryPool.Builder larger = MemoryPool.builder().tier(2L * blockBytes, blocks - half);
      return half == 0 ? larger : larger.tier(blockBytes, half);
    }
  },
  VARIABLE {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().variable((blockBytes + 7L) / 8 * 8 * blocks);
    }
  },
  GROWING {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, 1).regions(0, blocks, Duration.ofSeconds(30));
    }
  },
  /** One block in the pool, the rest outside of it. */
  FALLBACK {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, 1).fallback((blocks - 1L) * blockBytes);
    }
  },
  CONFINED {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, blocks).confined();
    }
  },
  CHECKED {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, blocks).checks(CheckLevel.CHECKED);
    }
  },
  GUARDED {
    @Override
    MemoryPool.Builder of(int blockBytes, int blocks) {
      return MemoryPool.builder().tier(blockBytes, blocks).checks(CheckLevel.GUARDED);
    }
  };

  abstract MemoryPool.Builder of(int blockBytes, int blocks);

  MemoryPool open(int blockBytes, int blocks) {
    return of(blockBytes, blocks).name("p").build();
  }

  /** Live blocks, in the pool and outside of it. */
  static int used(MemoryPool pool) {
    return pool.stats().used();
  }

  /** Closes a pool of which nothing is used any more. */
  static void close(MemoryPool pool) {
    List<String> findings = pool.verify().findings();
    if (used(pool) != 0 || !findings.isEmpty()) {
      throw new AssertionError(used(pool) + " blocks are live; " + findings);
    }
    pool.close();
  }
}
