package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.internal.Peek;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Invariant 7 for pools of any size: every record is damaged once, and {@code verify} says so. */
class VariableVerifyTest {
  private static final int LONGS = 2;

  private final MemoryPool pool = MemoryPool.builder().name("p").variable(1024).build();
  private final MemoryBlock first = pool.allocate(100);
  private final MemoryBlock second = pool.allocate(50);

  @AfterEach
  void close() {
    first.close();
    second.close();
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private long[] records() {
    return (long[]) Peek.get(Peek.get(pool, "blocks"), "records");
  }

  /** What is found when one long of a record is changed; it is changed back. */
  private List<String> findings(int block, int column, long by) {
    records()[LONGS * block + column] += by;
    VerifyReport report = pool.verify();
    records()[LONGS * block + column] -= by;
    assertThat(report.ok()).isEqualTo(report.findings().isEmpty());
    pool.verify().orThrow();
    return report.findings();
  }

  @Test
  void aWordThatSaysFreeOfALiveBlock() {
    assertThat(findings(0, 0, 1))
        .containsExactly("1 blocks have an owner, 2 have a place, and allocations - frees = 2");
  }

  @Test
  void aWordThatSaysOwnedOfABlockThatIsNot() {
    assertThat(findings(2, 0, 1))
        .contains("3 blocks have an owner, 2 have a place, and allocations - frees = 2");
  }

  @Test
  void aSizeThatIsMoreOrLessThanThePlaceIsFor() {
    String place = " has a place of 56 B at " + pool.offset(second.handle());
    assertThat(findings(1, 1, 7)).containsExactly("block 1 of 57 B" + place);
    assertThat(findings(1, 1, -2)).containsExactly("block 1 of 48 B" + place);
  }

  @Test
  void aReportIsThrownWithItsNumbers() {
    records()[0]++;
    assertThatThrownBy(() -> pool.verify().orThrow())
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "pool 'p': 2 blocks, 1 findings\n"
                + "  1 blocks have an owner, 2 have a place, and allocations - frees = 2");
    records()[0]--;
  }
}
