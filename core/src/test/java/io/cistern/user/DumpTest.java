package io.cistern.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The dump tells who holds blocks, which are the oldest, and what went wrong last. */
class DumpTest {
  @ParameterizedTest
  @EnumSource
  void itReadsLikeAReport(CheckLevel level) {
    try (MemoryPool pool =
        MemoryPool.builder().name("main").tier(256, 8).tier(64, 70).checks(level).build()) {
      List<MemoryBlock> held = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        held.add(pool.allocate(200));
      }
      held.removeLast().close();
      long freed = pool.allocateHandle(200);
      pool.free(freed);
      assertThatThrownBy(() -> pool.free(freed)).isInstanceOf(InvalidFreeException.class);
      String dump = pool.dump();
      assertThat(dump)
          .contains("pool 'main'  NORMAL")
          .containsPattern("  who holds blocks, by place.*:  blocks, bytes, oldest\n")
          .containsPattern(
              "5 +1,000 B +0\\.\\d\\d s  io.cistern.*DumpTest.itReadsLikeAReport\\(DumpTest.java:\\d+\\)")
          .contains("  oldest of 5 live blocks:")
          .containsPattern("  last failures:\n +0\\.\\d\\d s ago  DOUBLE_FREE: block \\d of 256 B");
      assertThat(dump.contains("checks " + level)).isEqualTo(level != CheckLevel.STANDARD);
      held.forEach(MemoryBlock::close);
    }
  }
}
