package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.arrow.Memory.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.OwnershipTransferResult;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same random steps on our memory and on Arrow's own, step by step: capacities, contents,
 * counts, books and exceptions are the same. Time budget: 5 seconds.
 */
@Timeout(60)
class TwinTest {
  private static final int STEPS = 20_000;
  private static final int MOST_LIVE = 200;
  private static final long CHILD_LIMIT = 128 << 10;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARROW")
  void ourMemoryDoesWhatArrowsOwnDoes(Memory memory) {
    long seed = System.nanoTime();
    System.out.println("TwinTest " + memory + ", seed " + seed);
    Random ours = new Random(seed);
    Random theirs = new Random(seed);
    try (Opened one = memory.open();
        Opened other = Memory.ARROW.open();
        Side mine = new Side(one.root());
        Side twin = new Side(other.root())) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(mine.step(ours))
            .as("step %d of seed %d", step, seed)
            .isEqualTo(twin.step(theirs));
      }
    }
  }

  /**
   * Two allocators and the buffers that are live in them; of three, the one that memory goes to
   * when its owner lets go would be left to chance.
   */
  private static final class Side implements AutoCloseable {
    private final List<BufferAllocator> allocators;
    private final List<ArrowBuf> live = new ArrayList<>();

    Side(BufferAllocator root) {
      allocators = List.of(root, root.newChildAllocator("child", 4096, CHILD_LIMIT));
    }

    /** What was done, and what is to be seen of it. */
    String step(Random random) {
      BufferAllocator allocator = allocators.get(random.nextInt(allocators.size()));
      int kind = random.nextInt(6);
      String done;
      if (live.isEmpty() || (kind < 2 && live.size() < MOST_LIVE)) {
        done = allocate(allocator, random);
      } else {
        done = use(random.nextInt(live.size()), kind, allocator, random);
      }
      return done + allocators.stream().map(BufferAllocator::getAllocatedMemory).toList();
    }

    private String allocate(BufferAllocator allocator, Random random) {
      long size = random.nextInt(1 << random.nextInt(1, 17));
      try {
        ArrowBuf buffer = allocator.buffer(size);
        for (long at = 0; at < buffer.capacity(); at += 64) {
          buffer.setByte(at, random.nextInt());
        }
        return added("allocated ", buffer);
      } catch (OutOfMemoryException refused) {
        return "refused " + refused.getMessage();
      }
    }

    private String use(int which, int kind, BufferAllocator other, Random random) {
      ArrowBuf buffer = live.get(which);
      return switch (kind) {
        case 2 -> slice(buffer, random.nextLong(buffer.capacity() + 1));
        case 3 -> added("shared ", buffer.getReferenceManager().retain(buffer, other));
        case 4 -> move(buffer, other);
        default -> release(which, buffer);
      };
    }

    private String slice(ArrowBuf buffer, long length) {
      ArrowBuf part = buffer.slice(0, length);
      part.getReferenceManager().retain();
      return added("sliced ", part);
    }

    private String move(ArrowBuf buffer, BufferAllocator to) {
      OwnershipTransferResult moved = buffer.getReferenceManager().transferOwnership(buffer, to);
      return added("moved " + moved.getAllocationFit() + " ", moved.getTransferredBuffer());
    }

    private String added(String what, ArrowBuf buffer) {
      live.add(buffer);
      return what + seen(buffer);
    }

    private String release(int which, ArrowBuf buffer) {
      String before = seen(buffer);
      live.set(which, live.getLast());
      live.removeLast();
      return "released " + before + buffer.getReferenceManager().release();
    }

    private static String seen(ArrowBuf buffer) {
      int sum = 0;
      for (long at = 0; at < buffer.capacity(); at += 64) {
        sum = (31 * sum) + buffer.getByte(at);
      }
      return "%d B, %d references, %d accounted, contents %x, "
          .formatted(buffer.capacity(), buffer.refCnt(), buffer.getActualMemoryConsumed(), sum);
    }

    @Override
    public void close() {
      live.forEach(ArrowBuf::close);
      allocators.getLast().close(); // the root is its opener's
    }
  }
}
