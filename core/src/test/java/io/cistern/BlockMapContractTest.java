package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.BlockMap.Slab;
import io.cistern.BlockMap.State;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The map of blocks, in every kind of pool: it says what statistics and blocks say. */
@EveryKind
class BlockMapContractTest extends MemoryPoolContract {
  BlockMapContractTest(PoolKind kind) {
    super(kind);
  }

  @Test
  void aNewPoolIsFree() {
    BlockMap map = BlockMap.of(pool);
    assertThat(map.pool()).isEqualTo(pool.name());
    assertThat(states(map)).containsOnly(State.FREE);
    assertThat(bytes(map)).isEqualTo(pool.stats().freeBytes());
    assertThat(map.labels().getFirst()).isEmpty();
  }

  @Test
  void aFullPoolIsUsed() {
    List<MemoryBlock> all = takeAll();
    BlockMap map = BlockMap.of(pool);
    assertThat(states(map)).hasSize(all.size()).containsOnly(State.USED);
    assertThat(bytes(map)).isEqualTo(pool.stats().usedBytes());
    freeAll(all);
    assertThat(states(BlockMap.of(pool))).doesNotContain(State.USED);
  }

  @Test
  void everyBlockIsItsOwnersCell() {
    List<MemoryBlock> all = takeAll();
    freeEveryOther(all);
    BlockMap map = BlockMap.of(pool);
    List<Long> handles =
        cells(map)
            .filter(cell -> map.state(cell) == State.USED)
            .mapToObj(cell -> map.block(cell).handle())
            .toList();
    assertThat(handles)
        .containsExactlyInAnyOrderElementsOf(all.stream().map(MemoryBlock::handle).toList());
    assertThat(sizes(map)).isEqualTo(all.stream().mapToLong(MemoryBlock::byteSize).sum());
    freeAll(all);
  }

  private static void freeEveryOther(List<MemoryBlock> all) {
    List<MemoryBlock> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (i % 2 == 0) {
        kept.add(all.get(i));
      } else {
        all.get(i).close();
      }
    }
    all.clear();
    all.addAll(kept);
  }

  private static long sizes(BlockMap map) {
    return cells(map).mapToLong(cell -> map.block(cell).sizeBytes()).sum();
  }

  @Test
  void aPinnedBlockIsPinnedUntilTheLastPinIsGone() {
    MemoryBlock block = pool.allocate(kind.sizes()[0]);
    try (Pin pin = block.pin()) {
      assertThat(pin).isNotNull();
      assertThat(states(BlockMap.of(pool))).containsOnlyOnce(State.PINNED);
      block.close();
      assertThat(states(BlockMap.of(pool))).containsOnlyOnce(State.PINNED);
    }
    assertThat(states(BlockMap.of(pool))).doesNotContain(State.PINNED, State.USED);
  }

  @Test
  void slabsLieSideBySideAndTheirCellsToo() {
    BlockMap map = BlockMap.of(pool);
    int next = 0;
    for (Slab slab : map.slabs()) {
      assertThat(slab.first()).isEqualTo(next);
      for (int cell = slab.first() + 1; cell < slab.first() + slab.count(); cell++) {
        assertThat(map.offsetBytes(cell))
            .isGreaterThanOrEqualTo(map.offsetBytes(cell - 1) + map.sizeBytes(cell - 1));
      }
      next += slab.count();
    }
    assertThat(map.size()).isEqualTo(next).isEqualTo(map.cells().length);
    int beyond = next;
    assertThatThrownBy(() -> map.block(beyond))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("Index " + beyond + " out of bounds for length " + beyond);
  }

  @Test
  void aClosedPoolHasNoCells() {
    MemoryPool other = kind.builder().build();
    BlockMap before = BlockMap.of(other);
    other.close();
    assertThat(BlockMap.of(other).size()).isZero();
    assertThat(before.size()).isPositive();
    assertThat(before.block(0).handle()).isEqualTo(MemoryPool.NO_HANDLE);
  }

  static IntStream cells(BlockMap map) {
    return IntStream.range(0, map.size());
  }

  static List<State> states(BlockMap map) {
    return cells(map).mapToObj(map::state).toList();
  }

  private static long bytes(BlockMap map) {
    return LongStream.of(cells(map).mapToLong(map::sizeBytes).toArray()).sum();
  }
}
