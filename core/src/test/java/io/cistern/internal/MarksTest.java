package io.cistern.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may write a word by plain stores, when that ends, and when it comes back. */
class MarksTest {
  private static final int CAPACITY = 100;
  private static final long FIRST = 1L << 56;
  private static final int SECOND = 100; // ticks

  private final Magazine[] slots = Magazines.table(1);
  private final BlockPool blocks = new BlockPool(CAPACITY, FIRST, 1, () -> {}, () -> {}, slots, 0);
  private final ExecutorService other = Executors.newSingleThreadExecutor(MarksTest::elsewhere);
  private final List<Integer> taken = new ArrayList<>();
  private int tick = 1;
  private boolean closed;

  /** A thread with another slot than the calling one: two with one slot share its magazine. */
  private static Thread elsewhere(Runnable work) {
    Thread thread = new Thread(work);
    long apart = thread.threadId() - Thread.currentThread().threadId();
    return apart % Magazines.SLOTS == 0 ? new Thread(work) : thread;
  }

  /** As a pool does. */
  private int claim() {
    long self = Thread.currentThread().threadId();
    long handle = Magazines.find(slots, 0, self).claim(self, Blocks.note(1, tick));
    handle = handle != Blocks.NONE ? handle : blocks.claim(1, tick);
    handle = handle != Blocks.NONE ? handle : blocks.claimSlow(1, tick);
    assertThat(handle).isNotEqualTo(Blocks.NONE);
    return (int) (handle >>> 32) & 0xFF_FFFF;
  }

  private void release(int index) {
    long word = blocks.word(index);
    long self = Thread.currentThread().threadId();
    assertThat(
            Magazines.find(slots, 0, self).release(self, index, word)
                || blocks.release(index, word))
        .isTrue();
  }

  /** Takes a block and gives it back: free, and with this thread's mark if it has one. */
  private int pair() {
    int index = claim();
    release(index);
    return index;
  }

  private long mark(int index) {
    return blocks.word(index) & Blocks.MARK;
  }

  private Magazine mine() {
    return Magazines.find(slots, 0, Thread.currentThread().threadId());
  }

  private long byOther(LongSupplier call) throws Exception {
    return other.submit(call::getAsLong).get();
  }

  @AfterEach
  void inOrder() throws Exception {
    other.close();
    if (!closed) {
      List<String> findings = new ArrayList<>();
      assertThat(blocks.verify(findings)).isTrue();
      assertThat(findings).isEmpty();
      taken.forEach(this::release);
      assertThat(blocks.used()).isZero();
    }
  }

  @Test
  void whatAThreadFreesIsItsOwn() {
    int index = pair();
    assertThat(mark(index)).isEqualTo(mine().mark).isNotZero();
    assertThat(claim()).isEqualTo(index);
    assertThat(mark(index)).as("while it is used").isEqualTo(mine().mark);
    release(index);
  }

  @Test
  void nobodyElseClaimsItByCompareAndSet() {
    int index = pair();
    assertThat(blocks.tryClaim(index, 1, tick)).isEqualTo(Blocks.NONE);
  }

  @Test
  void eachThreadHasAMarkOfItsOwn() throws Exception {
    int index = pair();
    long theirs = byOther(() -> mark(pair()));
    assertThat(theirs).isNotZero().isNotEqualTo(mark(index));
  }

  /** A thief takes the mark away, and may then have the block. */
  @Test
  void capacityIsNotStrandedInAMagazineWithMarks() throws Exception {
    int index = pair();
    byOther(() -> {
      for (int i = 0; i < CAPACITY; i++) {
        taken.add(claim());
      }
      return 0;
    });
    assertThat(taken).contains(index).doesNotHaveDuplicates();
    assertThat(mine().isArmed()).isFalse();
  }

  @Test
  void marksComeBackAfterASecondThenAfterTwo() throws Exception {
    pair();
    for (int seconds = 1; seconds <= 4; seconds *= 2) {
      blocks.seal();
      blocks.unseal();
      assertThat(mine().isArmed()).isFalse();
      int pause = (CoarseClock.ticks() + seconds * SECOND) & Integer.MAX_VALUE;
      tick = pause - 1;
      pair();
      assertThat(mine().isArmed()).as("a tick before " + seconds + " s").isFalse();
      tick = pause;
      pair();
      assertThat(mine().isArmed()).as("after " + seconds + " s").isTrue();
    }
  }

  @Test
  void marksAreGivenBackHoweverLongTheClockHasRun() {
    pair();
    for (int now : new int[] {Integer.MAX_VALUE - 10, 5, 1 << 30}) {
      blocks.seal();
      blocks.unseal();
      tick = now;
      ((Magazines) Peek.get(blocks, "magazines")).revoke(now);
      Peek.set(Peek.get(Peek.get(blocks, "magazines"), "backoff"), "endTick", now);
      pair();
      assertThat(mine().isArmed()).isTrue();
    }
  }

  @Test
  void aFreeByAnotherThreadEndsPlainReleasesOfTheAllocatorAloneAndForGood() throws Exception {
    pair();
    byOther(this::pair);
    int index = claim();
    byOther(() -> {
      release(index);
      return 0;
    });
    assertThat(mine().sharesReleases).isTrue();
    assertThat(mine().isArmed()).as("it still claims by plain stores").isTrue();
    assertThat(byOther(() -> mine().sharesReleases ? 1 : 0)).isZero();
    int again = claim();
    release(again);
    assertThat(mark(again)).as("free blocks are still marked").isEqualTo(mine().mark);
  }

  @Test
  void aReleaseOfWhatIsNoLongerOnesOwnIsRefused() throws Exception {
    pair();
    int index = claim();
    long word = blocks.word(index);
    byOther(() -> {
      release(index);
      return 0;
    });
    long self = Thread.currentThread().threadId();
    assertThat(mine().release(self, index, word)).isFalse();
    assertThat(blocks.release(index, word)).isFalse();
  }

  @Test
  void onceSomebodyWaitsNoReleaseIsPlain() throws Exception {
    pair();
    int index = claim();
    blocks.setWanted(true);
    blocks.setWanted(false);
    long self = Thread.currentThread().threadId();
    assertThat(mine().release(self, index, blocks.word(index))).isFalse();
    release(index);
    byOther(this::pair);
    int later = claim();
    assertThat(mine().release(self, later, blocks.word(later))).isFalse();
    release(later);
  }

  @Test
  void afterClosingNobodyHasAMark() throws Exception {
    pair();
    byOther(this::pair);
    blocks.retireNow();
    closed = true;
    assertThat(mine().isArmed()).isFalse();
    assertThat(mine().claim(Thread.currentThread().threadId(), Blocks.note(1, tick)))
        .isEqualTo(Blocks.NONE);
    assertThat(byOther(() -> mine().isArmed() ? 1 : 0)).isZero();
  }

  @Test
  void aMagazineOfADeadThreadIsTakenOverWithItsMark() throws Exception {
    long[] seen = new long[2];
    Thread first = Thread.ofPlatform().start(() -> seen[0] = mark(pair()));
    first.join();
    for (int i = 0; i < 100 && seen[1] != seen[0]; i++) {
      Thread next = Thread.ofPlatform().start(() -> seen[1] = mark(pair()));
      next.join();
    }
    assertThat(seen[1]).isEqualTo(seen[0]).isNotZero();
  }

  @Test
  void aVirtualThreadHasNone() throws Exception {
    long[] mark = {-1};
    Thread.ofVirtual().start(() -> mark[0] = mark(pair())).join();
    assertThat(mark[0]).isZero();
  }

  /** The handle after the last of 32 bits of generation is not simply one more. */
  @Test
  void entriesAreRightWhereGenerationsWrap() {
    Magazine[] table = Magazines.table(1);
    BlockPool wrapping = new BlockPool(CAPACITY, FIRST, 0xFFFF_FFFEL, () -> {}, () -> {}, table, 0);
    long self = Thread.currentThread().threadId();
    long last = 0;
    for (int i = 0; i < 6; i++) {
      long handle = wrapping.claimSlow(1, tick);
      int index = (int) (handle >>> 32) & 0xFF_FFFF;
      assertThat(index).as("always the same block").isZero();
      assertThat((int) handle).isEqualTo(0xFFFF_FFFE + i);
      assertThat(handle).isNotEqualTo(last);
      last = handle;
      assertThat(
              Magazines.find(table, 0, self).free(self, index, handle)
                  || wrapping.free(index, handle))
          .isTrue();
      assertThat(wrapping.free(index, handle)).isFalse();
    }
  }

  @Test
  void hotSpotAloneIsTrustedToHaveABarrier() {
    assertThat(List.of("OpenJDK 64-Bit Server VM", "Java HotSpot(TM) 64-Bit Server VM"))
        .allMatch(Barrier::isHotSpot);
    assertThat(List.of("Eclipse OpenJ9 VM", "Substrate VM", "Zing 64-Bit Tiered VM", ""))
        .noneMatch(Barrier::isHotSpot);
  }
}
