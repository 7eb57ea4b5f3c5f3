package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import java.time.Duration;
import java.util.List;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.unsafe.UnsafeAllocationManager;
import org.jspecify.annotations.Nullable;

/** What a test runs on, so that the same steps run on our memory and on Arrow's own. */
enum Memory {
  TIERS {
    @Override
    Opened open(AllocationListener listener) {
      return given(listener, tiers().build());
    }
  },
  ANY_SIZE {
    @Override
    Opened open(AllocationListener listener) {
      return given(listener, MemoryPool.builder().variable(64 << 20).build());
    }
  },
  TIERS_THEN_ANY_SIZE {
    @Override
    Opened open(AllocationListener listener) {
      MemoryPool small = MemoryPool.builder().name("small").tier(1024, 16).build();
      MemoryPool large = MemoryPool.builder().name("large").variable(64 << 20).build();
      return given(listener, small, large);
    }
  },
  GROWING {
    @Override
    Opened open(AllocationListener listener) {
      return given(
          listener,
          MemoryPool.builder()
              .variable(1 << 20)
              .regions(0, 16, Duration.ofSeconds(30))
              .fallback(64 << 20)
              .build());
    }
  },
  OWN {
    @Override
    Opened open(AllocationListener listener) {
      CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(256 << 20);
      return new Opened(root(listener, ours), ours, List.of());
    }
  },
  ARROW {
    @Override
    Opened open(AllocationListener listener) {
      return new Opened(root(listener, UnsafeAllocationManager.FACTORY), null, List.of());
    }
  };

  abstract Opened open(AllocationListener listener);

  Opened open() {
    return open(AllocationListener.NOOP);
  }

  /** Powers of two up to 4 MiB. */
  static MemoryPool.Builder tiers() {
    MemoryPool.Builder tiers = MemoryPool.builder().alignment(64);
    for (int size = 64; size <= 4 << 20; size *= 2) {
      tiers.tier(size, size <= 64 << 10 ? 128 : 8);
    }
    return tiers;
  }

  static RootAllocator root(AllocationListener listener, AllocationManager.Factory factory) {
    return new RootAllocator(
        RootAllocator.configBuilder().listener(listener).allocationManagerFactory(factory).build());
  }

  static RootAllocator root(AllocationManager.Factory factory) {
    return root(AllocationListener.NOOP, factory);
  }

  private static Opened given(AllocationListener listener, MemoryPool pool) {
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(pool);
    return new Opened(root(listener, ours), ours, List.of(pool));
  }

  private static Opened given(AllocationListener listener, MemoryPool small, MemoryPool large) {
    CisternAllocationManagerFactory ours = new CisternAllocationManagerFactory(small, large);
    return new Opened(root(listener, ours), ours, List.of(small, large));
  }

  /**
   * A root allocator and what it stands on; closing it finds what is live and what is not sound.
   *
   * @param root of the test
   * @param ours null on Arrow's own memory
   * @param given pools that the factory does not close
   */
  record Opened(
      RootAllocator root, @Nullable CisternAllocationManagerFactory ours, List<MemoryPool> given)
      implements AutoCloseable {
    long live() {
      return ours == null
          ? 0
          : ours.pools().stream().map(MemoryPool::stats).mapToLong(PoolStats::used).sum();
    }

    @Override
    public void close() {
      root.close();
      assertThat(live()).isZero();
      if (ours != null) {
        ours.pools().forEach(pool -> pool.verify().orThrow());
        ours.close();
        given.forEach(MemoryPool::close);
      }
    }
  }
}
