package io.cistern;

import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Invariant 1 under threads: blocks travel between 32 threads for 50 rounds. Each is tagged over
 * all its bytes by its owner and checked before it is freed, by whoever frees it, so a block with
 * two owners is seen. On the way, every freed handle is freed again, which must always be refused.
 */
@EverySharedKind
class HandOverContractTest extends MemoryPoolContract {
  private static final int THREADS = 32;
  private static final int ROUNDS = 50;

  /** A block on its way, and who tagged it. */
  private record Parcel(MemoryBlock block, long owner) {}

  private final SplittableRandom seeds;
  private final Queue<Parcel>[] mail;

  @SuppressWarnings({"unchecked", "rawtypes"})
  HandOverContractTest(PoolKind kind) {
    super(kind);
    seeds = Seed.random("hand-over, " + kind);
    mail = Stream.generate(ConcurrentLinkedQueue::new).limit(THREADS).toArray(Queue[]::new);
  }

  @Test
  void betweenPlatformThreads() throws Exception {
    run(Thread.ofPlatform());
  }

  @Test
  void betweenVirtualThreads() throws Exception {
    run(Thread.ofVirtual());
  }

  private void run(Thread.Builder threads) throws Exception {
    SplittableRandom[] randoms = new SplittableRandom[THREADS];
    for (int i = 0; i < THREADS; i++) {
      randoms[i] = seeds.split();
    }
    Threads.together(THREADS, threads, thread -> travel(thread, randoms[thread]));
    while (Stream.of(mail).anyMatch(box -> !box.isEmpty())) {
      for (Queue<Parcel> box : mail) {
        empty(box, seeds);
      }
    }
  }

  private void travel(int thread, SplittableRandom random) {
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        send(thread * 1_000_000L + round * 10L + i, random);
      }
      empty(mail[thread], random);
    }
  }

  private void send(long owner, SplittableRandom random) {
    long size = 1 + Math.min(random.nextLong(pool.maxSize()), random.nextLong(2000));
    MemoryBlock block = pool.tryAllocate(size);
    if (block != null) {
      Tag.write(block.segment(), owner);
      mail[random.nextInt(THREADS)].add(new Parcel(block, owner));
    }
  }

  private void empty(Queue<Parcel> box, SplittableRandom random) {
    for (Parcel parcel = box.poll(); parcel != null; parcel = box.poll()) {
      Tag.check(parcel.block.segment(), parcel.owner);
      if (random.nextInt(4) == 0) {
        Tag.write(parcel.block.segment(), -parcel.owner);
        mail[random.nextInt(THREADS)].add(new Parcel(parcel.block, -parcel.owner));
      } else {
        free(parcel.block, random);
      }
      if (random.nextInt(8) == 0) {
        return;
      }
    }
  }

  private void free(MemoryBlock block, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0 -> block.close();
      case 1 -> pool.free(block.handle());
      case 2 -> pool.free(block.handle(), block.byteSize());
      default -> pool.free(block.segment());
    }
    assertRefused(random.nextBoolean() ? block : null, block.handle());
  }

  private void assertRefused(@Nullable MemoryBlock block, long handle) {
    try {
      if (block == null) {
        pool.free(handle);
      } else {
        block.close();
      }
    } catch (InvalidFreeException refused) {
      return;
    }
    throw new AssertionError("a second free of 0x%x was not refused".formatted(handle));
  }
}
