package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Closing a pool: refused while blocks are live, and what is left of the pool afterwards. */
@EveryKind
class CloseContractTest extends MemoryPoolContract {
  CloseContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void isRefusedWhileBlocksAreLive() {
    List<MemoryBlock> all = takeAll();
    assertThatThrownBy(pool::close)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "pool '%s' stays open: %d live blocks: %s; report\\(Duration.ZERO\\) says who allocated them"
                .formatted(kind.name(), all.size(), whatIsLive()));
    assertThat(pool.isClosed()).isFalse();
    freeAll(all);
  }

  private String whatIsLive() {
    String oldest = " \\(oldest \\d+\\.\\d\\d s\\)";
    return kind.isVariable()
        ? kind.builder().regionBytes() + " B in all" + oldest
        : kind.tiers().stream()
            .map(tier -> "%d of %d B".formatted(tier.count(), tier.size()) + oldest)
            .collect(Collectors.joining(", "));
  }

  @Test
  void aRefusedCloseChangesNothing() {
    for (long size : LongStream.of(kind.fill()).distinct().toArray()) {
      try (MemoryBlock live = pool.allocate(size)) {
        Tag.write(live.segment(), 1);
        PoolStats before = pool.stats();
        assertThatThrownBy(pool::close).hasMessageContaining("stays open: 1 live blocks: ");
        assertUnchanged(before, pool.stats());
        assertThat(live.isLive()).isTrue();
        Tag.check(live.segment(), 1);
      }
      freeAll(takeAll());
    }
  }

  @Test
  void aRefusedCloseLeavesTheReasonsOfRefusedFreesRight() {
    List<MemoryBlock> all = takeAll();
    MemoryBlock live = all.removeFirst();
    List<MemoryBlock> past = List.copyOf(all);
    freeAll(all);
    assertThatThrownBy(pool::close).hasMessageContaining("stays open: 1 live blocks: ");
    for (MemoryBlock block : past) {
      assertThatThrownBy(block::close).hasMessageStartingWith("DOUBLE_FREE: ");
      assertThatThrownBy(() -> pool.free(block.handle())).hasMessageStartingWith("DOUBLE_FREE: ");
    }
    live.close();
  }

  @Test
  void afterCloseThePoolServesNothing() {
    MemoryBlock block = pool.allocate(1);
    long handle = block.handle();
    MemorySegment memory = block.segment();
    block.close();
    pool.close();
    assertClosed(handle);
    assertThat(pool.stats().used()).isZero();
    assertThatCode(block::close).doesNotThrowAnyException();
    assertThatCode(() -> pool.free(handle)).doesNotThrowAnyException();
    assertThatCode(() -> pool.free(memory)).doesNotThrowAnyException();
    assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertClosed(handle);
  }

  @Test
  void afterCloseNowLiveBlocksAreGone() {
    MemoryPool doomed = kind.open();
    MemoryBlock block = doomed.allocate(1);
    MemorySegment memory = block.segment();
    doomed.closeNow();
    assertClosed(doomed, block.handle());
    assertThat(doomed.stats().used()).as("used when it was closed").isEqualTo(1);
    assertThat(block.isLive()).isFalse();
    assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatCode(block::close).doesNotThrowAnyException();
    assertThatCode(() -> doomed.free(block.handle())).doesNotThrowAnyException();
    assertThatCode(() -> doomed.free(block.handle(), 1)).doesNotThrowAnyException();
    assertThatCode(() -> doomed.free(memory)).doesNotThrowAnyException();
    assertClosed(doomed, block.handle());
  }

  private void assertClosed(long handle) {
    assertClosed(pool, handle);
  }

  private void assertClosed(MemoryPool pool, long handle) {
    assertThat(pool.isClosed()).isTrue();
    assertRefused(() -> pool.allocate(1));
    assertRefused(() -> pool.tryAllocate(1));
    assertRefused(() -> pool.allocate(1, Duration.ofDays(1)));
    assertRefused(() -> pool.allocate(0));
    assertRefused(() -> pool.allocateHandle(pool.maxSize()));
    assertRefused(() -> pool.tryAllocateHandle(pool.maxSize()));
    assertRefused(() -> pool.segment(handle));
    assertRefused(() -> pool.offset(handle));
    assertRefused(() -> pool.byteSize(handle));
    assertThat(pool.isLive(handle)).isFalse();
    assertThat(pool.region().scope().isAlive()).isFalse();
    assertThat(pool.stats().allocations()).isEqualTo(1);
    assertThat(pool.verify().orThrow().blocks()).isZero();
    assertThat(pool.dump()).startsWith("pool '" + kind.name() + "' (closed)  ");
    assertThatCode(pool::close).doesNotThrowAnyException();
    assertThatCode(pool::closeNow).doesNotThrowAnyException();
  }

  private void assertRefused(ThrowingCallable use) {
    assertThatThrownBy(use)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("pool '%s' is closed", kind.name());
  }
}
