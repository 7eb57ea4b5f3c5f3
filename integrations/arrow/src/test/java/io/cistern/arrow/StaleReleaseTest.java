package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.InvalidFreeException;
import io.cistern.arrow.Memory.Opened;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.BufferLedger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An old reference that is released again, after its memory has a new owner. Arrow's reference
 * counts refuse most of it on any memory; below them ours refuses what Arrow's own does not. Time
 * budget: 5 seconds.
 */
@Timeout(60)
class StaleReleaseTest {
  private static final long MARK = 0x1122334455667788L;

  /** A buffer that was released, and another one in the same memory. */
  private record Reused(ArrowBuf old, ArrowBuf present) {
    /** Blocks are reused last in first out; with {@code malloc} it may take a few. */
    static Reused in(BufferAllocator allocator) {
      for (int tries = 0; tries < 1000; tries++) {
        ArrowBuf old = allocator.buffer(256);
        old.close();
        ArrowBuf present = allocator.buffer(256);
        if (present.memoryAddress() == old.memoryAddress()) {
          present.setLong(0, MARK);
          return new Reused(old, present);
        }
        present.close();
      }
      throw new AssertionError("no memory was used again in 1000 tries");
    }

    AllocationManager oldManager() {
      return ((BufferLedger) old.getReferenceManager()).getAllocationManager();
    }

    /** The present owner has its memory still: nobody else is given it. */
    void checkPresent(BufferAllocator allocator) {
      assertThat(present.refCnt()).isOne();
      assertThat(present.getLong(0)).isEqualTo(MARK);
      try (ArrowBuf other = allocator.buffer(256)) {
        assertThat(other.memoryAddress()).isNotEqualTo(present.memoryAddress());
        other.setLong(0, 0);
        assertThat(present.getLong(0)).isEqualTo(MARK);
      }
      present.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSecondReleaseThrowsAndTheNewOwnerKeepsItsMemory(Memory memory) {
    try (Opened opened = memory.open()) {
      Reused reused = Reused.in(opened.root());
      ArrowBuf old = reused.old();
      assertThatThrownBy(() -> old.getReferenceManager().release())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("RefCnt has gone negative");
      assertThatThrownBy(old::close).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> old.getReferenceManager().retain())
          .isInstanceOf(IllegalArgumentException.class);
      reused.checkPresent(opened.root());
    }
  }

  /**
   * A released buffer can be given to another allocator: that is a hole in Arrow's counts, and the
   * new reference reads memory of the new owner. It cannot give it back.
   */
  @ParameterizedTest
  @EnumSource
  void aReleaseByAReferenceThatWasMadeTooLateThrows(Memory memory) {
    try (Opened opened = memory.open();
        BufferAllocator child = opened.root().newChildAllocator("child", 0, 4096)) {
      Reused reused = Reused.in(opened.root());
      ArrowBuf late = reused.old().getReferenceManager().retain(reused.old(), child);
      assertThat(late.getLong(0)).isEqualTo(MARK);
      assertThatThrownBy(late::close).isInstanceOf(IllegalStateException.class);
      ArrowBuf moved =
          reused
              .old()
              .getReferenceManager()
              .transferOwnership(reused.old(), child)
              .getTransferredBuffer();
      assertThatThrownBy(moved::close).isInstanceOf(IllegalStateException.class);
      assertThat(child.getAllocatedMemory()).isZero();
      reused.checkPresent(opened.root());
    }
  }

  /** Below the counts: what frees memory is called once more than it should be. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARROW")
  void memoryThatWasFreedIsNotFreedAgainUnderItsNewOwner(Memory memory) {
    try (Opened opened = memory.open()) {
      Reused reused = Reused.in(opened.root());
      assertThatThrownBy(() -> release0(reused.oldManager()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching(
              "memory of 256 B at 0x[0-9a-f]+ was released before: STALE: .* was freed before, and its block has had another owner since")
          .cause()
          .isInstanceOfSatisfying(
              InvalidFreeException.class,
              stale -> assertThat(stale.reason()).isEqualTo(InvalidFreeException.Reason.STALE));
      reused.checkPresent(opened.root());
    }
  }

  @Test
  void onArrowsOwnMemoryTheSameStepsGiveItToTwoOwners() throws Throwable {
    Opened opened = Memory.ARROW.open();
    Reused reused = Reused.in(opened.root());
    release0(reused.oldManager());
    ArrowBuf second = opened.root().buffer(256);
    assertThat(second.memoryAddress()).isEqualTo(reused.present().memoryAddress());
    second.setLong(0, 0);
    assertThat(reused.present().getLong(0)).isZero();
    // Releasing both would end the JVM: one of them is given up, and the allocator not closed.
    second.close();
  }

  private static void release0(AllocationManager manager) throws Throwable {
    Method release0 = AllocationManager.class.getDeclaredMethod("release0");
    release0.setAccessible(true);
    try {
      release0.invoke(manager);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }
}
