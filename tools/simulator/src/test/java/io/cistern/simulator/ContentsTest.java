package io.cistern.simulator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What blocks are filled with: any change of any byte is seen, and where. Time budget: 1 s. */
class ContentsTest {
  @Test
  void everyDamagedByteIsFoundWhereItIs() {
    for (int size = 1; size <= 40; size++) {
      MemorySegment memory = MemorySegment.ofArray(new byte[size]);
      Contents.write(memory, 3, 7);
      assertThat(Contents.damage(memory, size, 3, 7)).isEqualTo(Contents.INTACT);
      for (int at = 0; at < size; at++) {
        byte was = memory.get(JAVA_BYTE, at);
        memory.set(JAVA_BYTE, at, (byte) (was + 1));
        assertThat(Contents.damage(memory, size, 3, 7)).isEqualTo(at);
        assertThat(Contents.damage(memory, at, 3, 7)).isEqualTo(Contents.INTACT);
        memory.set(JAVA_BYTE, at, was);
      }
    }
  }

  @Test
  void contentsOfOthersAreSeen() {
    MemorySegment memory = MemorySegment.ofArray(new byte[64]);
    Contents.write(memory, 0, 7);
    assertThat(Contents.damage(memory, 64, 0, 8)).isNotEqualTo(Contents.INTACT);
    assertThat(Contents.damage(memory, 64, 1, 7)).isNotEqualTo(Contents.INTACT);
    assertThat(Contents.damage(memory.asSlice(8), 56, 0, 7)).isZero();
  }
}
