package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The 8 bits of a handle that name its pool: how many there are, and when they come again. */
class PoolIdsTest {
  private final List<MemoryPool> open = new ArrayList<>();

  @AfterEach
  void closeAll() {
    open.forEach(MemoryPool::closeNow);
  }

  /** How many pools can be opened now: 255, unless an earlier test has left some open. */
  static int openable() {
    List<MemoryPool> pools = new ArrayList<>();
    try {
      while (true) {
        pools.add(MemoryPool.builder().tier(8, 2).build());
      }
    } catch (IllegalStateException full) {
      pools.forEach(MemoryPool::close);
    }
    return pools.size();
  }

  private MemoryPool open() {
    MemoryPool pool = MemoryPool.builder().tier(8, 2).build();
    open.add(pool);
    return pool;
  }

  private static int idOf(MemoryPool pool) {
    long handle = pool.allocateHandle(1);
    pool.free(handle);
    return (int) (handle >>> 56);
  }

  @Test
  void the256thPoolIsRefusedAndNothingIsLost() {
    Set<Integer> ids = new HashSet<>();
    int openable = openable();
    for (int i = 0; i < openable; i++) {
      ids.add(idOf(open()));
    }
    assertThat(openable).as("255, if no other test has left pools open").isBetween(200, 255);
    assertThat(ids).hasSize(openable).doesNotContain(0);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(this::open)
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "255 pools are open; the 8 bits of a handle that name its pool cannot tell more"
                  + " apart");
    }
    int freed = idOf(open.get(100));
    open.remove(100).close();
    assertThat(idOf(open())).isEqualTo(freed);
  }

  @Test
  void anIdIsReusedAsLateAsPossible() {
    int openable = openable();
    int first = idOf(open());
    int others = openable - 1;
    for (int i = 0; i < others; i++) {
      open.removeLast().close();
      assertThat(idOf(open())).isNotEqualTo(first);
    }
    open.removeLast().close();
    assertThat(idOf(open())).isEqualTo(first);
  }

  /** Ids come round after 255 pools; the generations of their blocks do not. */
  @Test
  void handlesOfAClosedPoolFreeNothingInALaterPoolOfTheSameId() {
    for (int rounds = 0; rounds < 3; rounds++) {
      MemoryPool past = open();
      long handle = past.allocateHandle(1);
      MemoryBlock block = past.allocate(1);
      open.remove(past);
      past.closeNow();
      MemoryPool later = openWithId((int) (handle >>> 56));
      MemoryBlock live = later.allocate(1);
      MemoryBlock other = later.allocate(1);
      assertThat(live.handle() >>> 32).as("same pool id and block").isEqualTo(handle >>> 32);
      assertThatThrownBy(() -> later.free(handle))
          .isInstanceOf(InvalidFreeException.class)
          .extracting("reason")
          .isEqualTo(Reason.STALE);
      block.close();
      assertThat(live.isLive()).isTrue();
      assertThat(other.isLive()).isTrue();
      live.close();
      other.close();
    }
  }

  private MemoryPool openWithId(int id) {
    MemoryPool pool = open();
    while (idOf(pool) != id) {
      open.remove(pool);
      pool.close();
      pool = open();
    }
    return pool;
  }

  @Test
  void anIdIsGivenBackWhenTheMemoryCannotBeHad() {
    for (int i = 0; i < 300; i++) {
      assertThatThrownBy(() -> MemoryPool.builder().tier(1 << 30, 1 << 20).build())
          .isInstanceOf(OutOfMemoryError.class);
    }
    assertThat(idOf(open())).isBetween(1, 255);
  }
}
